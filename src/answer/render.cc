#include "answer/render.h"

#include "answer/render_parts.h"
#include "base/csv_text.h"
#include "base/json_text.h"

namespace temperature::answer {
namespace {

void append_latest(std::string& out, const std::optional<Latest>& latest, Timestamp at) {
  if (!latest) {
    out += "null";
    return;
  }
  out += R"({"timestamp":)";
  append_moment(out, latest->timestamp);
  out += R"(,"value":)";
  append_json_number(out, latest->value);
  out += R"(,"age_seconds":)";
  append_json_number(out, static_cast<double>((at - latest->timestamp).count()) / 1000.0);
  out += "}";
}

enum class Shown : std::uint8_t { state, sensors, reporting };

// `shown`: what each has besides its state, the less of it first.
void append_quantities(std::string& out, const std::vector<QuantityState>& quantities, Shown shown, Timestamp at) {
  out += R"("quantities":)";
  append_json_array(out, quantities, [&](const QuantityState& state) {
    out += R"({"quantity":)";
    append_json_string(out, state.quantity);
    out += R"(,"unit":)";
    append_unit(out, state.unit);
    if (shown != Shown::state) {
      out += R"(,"sensors":)";
      append_json_number(out, state.sensors);
    }
    if (shown == Shown::reporting) {
      out += R"(,"reporting":)";
      append_json_number(out, state.reporting);
    }
    out += R"(,"average":)";
    if (state.average) {
      append_json_number(out, *state.average);
    } else {
      out += "null";
    }
    out += R"(,"count":)";
    append_json_number(out, state.count);
    out += R"(,"latest":)";
    append_latest(out, state.latest, at);
    out.push_back('}');
  });
}

}  // namespace

void render_json(std::string& out, const AverageQuery& query, const Average& average) {
  const bool some = average.count > 0;
  const auto number = [&out, some](double value) { some ? append_json_number(out, value) : void(out += "null"); };
  const auto moment = [&out, some](Timestamp at) { some ? append_moment(out, at) : void(out += "null"); };
  out += R"({"building":)";
  append_json_string(out, query.building);
  out += R"(,"room":)";
  append_json_string(out, query.room);
  if (query.sensor) {
    out += R"(,"sensor":)";
    append_json_string(out, *query.sensor);
  }
  out += R"(,"quantity":)";
  append_json_string(out, query.quantity);
  out += R"(,"unit":)";
  append_unit(out, average.unit);
  out += R"(,"value":)";
  number(average.value);
  out += R"(,"count":)";
  append_json_number(out, average.count);
  out += R"(,"sensors":)";
  append_json_number(out, average.sensors);
  out += R"(,"min":)";
  number(average.min);
  out += R"(,"max":)";
  number(average.max);
  out += R"(,"first":)";
  moment(average.first);
  out += R"(,"last":)";
  moment(average.last);
  out += R"(,"window":)";
  append_json_string(out, format_duration(query.window));
  out += R"(,"start":)";
  append_moment(out, query.at - query.window);
  out += R"(,"end":)";
  append_moment(out, query.at);
  if (!some) {
    out += R"(,"latest":)";
    append_latest(out, average.latest, query.at);
  }
  append_detail(out, average.lacks);
  out.push_back('}');
}

void render_json(std::string& out, const RoomsPage& page, Timestamp at) {
  out += R"({"rooms":)";
  append_json_array(out, page.rooms, [&](const RoomState& room) {
    out += R"({"building":)";
    append_json_string(out, room.building);
    out += R"(,"room":)";
    append_json_string(out, room.room);
    out.push_back(',');
    append_quantities(out, room.quantities, page.found ? Shown::reporting : Shown::sensors, at);
    out.push_back('}');
  });
  if (page.found) {
    out += R"(,"matching":)";
    append_json_number(out, page.found->matching);
    out += R"(,"quantities":)";
    append_json_array(out, page.found->quantities,
                      [&](const std::string& quantity) { append_json_string(out, quantity); });
  }
  append_next(out, page.next);
}

void render_json(std::string& out, const SensorsPage& page, Timestamp at) {
  out += R"({"sensors":)";
  append_json_array(out, page.sensors, [&](const SensorState& sensor) {
    out += R"({"building":)";
    append_json_string(out, sensor.building);
    out += R"(,"room":)";
    append_json_string(out, sensor.room);
    out += R"(,"sensor":)";
    append_json_string(out, sensor.sensor);
    out.push_back(',');
    append_quantities(out, sensor.quantities, Shown::state, at);
    out.push_back('}');
  });
  append_next(out, page.next);
}

void render_json(std::string& out, const ReadingsQuery& query, const ReadingsPage& page) {
  out += R"({"building":)";
  append_json_string(out, query.building);
  out += R"(,"room":)";
  append_json_string(out, query.room);
  out += R"(,"quantity":)";
  append_json_string(out, query.quantity);
  out += R"(,"unit":)";
  append_unit(out, page.unit);
  out += R"(,"readings":)";
  append_json_array(out, page.rows, [&](const ReadingRow& row) {
    out += R"({"timestamp":)";
    append_moment(out, row.timestamp);
    out += R"(,"sensor":)";
    append_json_string(out, row.sensor);
    out += R"(,"value":)";
    append_json_number(out, row.value);
    out.push_back('}');
  });
  append_next(out, page.next ? page.next->encode() : std::string());
}

void render_ndjson(std::string& out, const ReadingsQuery& query, std::span<const ReadingRow> rows) {
  for (const ReadingRow& row : rows) {
    out += R"({"building":)";
    append_json_string(out, query.building);
    out += R"(,"room":)";
    append_json_string(out, query.room);
    out += R"(,"sensor":)";
    append_json_string(out, row.sensor);
    out += R"(,"quantity":)";
    append_json_string(out, query.quantity);
    out += R"(,"timestamp":)";
    append_moment(out, row.timestamp);
    out += R"(,"value":)";
    append_json_number(out, row.value);
    out += "}\n";
  }
}

void render_csv_header(std::string& out) {
  out += "timestamp,building,room_id,sensor_id,quantity,value\r\n";
}

void render_csv(std::string& out, const ReadingsQuery& query, std::span<const ReadingRow> rows) {
  for (const ReadingRow& row : rows) {
    append_timestamp(out, row.timestamp);
    for (const std::string_view name : {std::string_view(query.building), std::string_view(query.room), row.sensor,
                                        std::string_view(query.quantity)}) {
      out.push_back(',');
      append_csv_field(out, name);
    }
    out.push_back(',');
    append_json_number(out, row.value);
    out += "\r\n";
  }
}

}  // namespace temperature::answer
