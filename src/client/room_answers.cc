#include "client/room_answers.h"

#include <fmt/format.h>

#include <cmath>

#include "client/problem.h"

namespace temperature::client {
namespace {

namespace dom = simdjson::dom;

// Reads members of one object, and keeps the first that is not as it should be.
template <class Json>
class Members {
 public:
  explicit Members(Json json) : json_(json) {}

  // Text that is not empty.
  std::string name(std::string_view member) {
    std::string_view text;
    if (json_[member].get(text) != simdjson::SUCCESS || text.empty()) refuse(member, "no text");
    return std::string(text);
  }

  // Text that may be null, empty or not there.
  std::string text(std::string_view member) {
    std::string_view text;
    dom::element element;
    if (json_[member].get(element) != simdjson::SUCCESS || element.is_null()) return {};
    if (element.get(text) != simdjson::SUCCESS) refuse(member, "no text");
    return std::string(text);
  }

  std::uint64_t count(std::string_view member) {
    std::uint64_t number = 0;
    if (json_[member].get(number) != simdjson::SUCCESS) refuse(member, "no count");
    return number;
  }

  // nullopt: it is null.
  std::optional<double> number(std::string_view member) {
    dom::element element;
    double number = 0;
    if (json_[member].get(element) != simdjson::SUCCESS) {
      refuse(member, "not there");
    } else if (!element.is_null()) {
      if (element.get_double().get(number) == simdjson::SUCCESS) return number;
      refuse(member, "no number");
    }
    return std::nullopt;
  }

  std::optional<Timestamp> moment_or_null(std::string_view member) {
    dom::element element;
    if (json_[member].get(element) == simdjson::SUCCESS && element.is_null()) return std::nullopt;
    return moment(member);
  }

  Timestamp moment(std::string_view member) {
    std::string_view text;
    if (json_[member].get(text) == simdjson::SUCCESS) {
      if (const auto moment = parse_rfc3339(text)) return *moment;
    }
    refuse(member, "no time");
    return {};
  }

  Duration duration(std::string_view member) {
    std::string_view text;
    if (json_[member].get(text) == simdjson::SUCCESS) {
      if (const auto duration = parse_duration(text)) return *duration;
    }
    refuse(member, "no duration");
    return {};
  }

  // nullopt: it is null, or not there.
  std::optional<LatestReading> latest(std::string_view member) {
    dom::element element;
    if (json_[member].get(element) != simdjson::SUCCESS || element.is_null()) return std::nullopt;
    if (!element.is_object()) {
      refuse(member, "no object");
      return std::nullopt;
    }
    Members<dom::element> its(element);
    const Timestamp timestamp = its.moment("timestamp");
    const double value = its.needed("value");
    const double age_s = its.needed("age_seconds");
    if (its.refused_) refused_ = std::move(its.refused_);
    // Beyond what a duration holds there is no age.
    constexpr double kSecondsMax = 1e12;
    if (!(std::abs(age_s) < kSecondsMax)) refuse("age_seconds", "no age");
    if (refused_) return std::nullopt;
    return LatestReading{timestamp, value, Duration(static_cast<std::int64_t>(age_s * 1000))};
  }

  double needed(std::string_view member) {
    const auto number = this->number(member);
    if (!number) refuse(member, "no number");
    return number.value_or(0);
  }

  void refuse(std::string_view member, std::string_view why) {
    if (!refused_) refused_ = fmt::format("\"{}\" of it is {}", member, why);
  }

  template <class Value>
  Result<Value> finish(Value value) const {
    if (refused_) return not_understood(*refused_);
    return value;
  }

 private:
  template <class Other>
  friend class Members;

  Json json_;
  std::optional<std::string> refused_;
};

Result<RoomQuantity> read_quantity(dom::element json) {
  Members members(json);
  RoomQuantity quantity;
  quantity.quantity = members.name("quantity");
  quantity.unit = members.text("unit");
  quantity.sensors = members.count("sensors");
  quantity.count = members.count("count");
  quantity.average = members.number("average");
  quantity.latest = members.latest("latest");
  return members.finish(std::move(quantity));
}

}  // namespace

Result<ListedRoom> read_room(dom::element json) {
  if (!json.is_object()) return not_understood("a room in it is no object");
  Members members(json);
  ListedRoom room;
  room.building = members.name("building");
  room.room = members.name("room");
  dom::array quantities;
  if (json["quantities"].get(quantities) != simdjson::SUCCESS) members.refuse("quantities", "no list");
  auto named = members.finish(std::move(room));
  if (!named) return named;
  for (const dom::element each : quantities) {
    if (!each.is_object()) return not_understood("a quantity in it is no object");
    auto quantity = read_quantity(each);
    if (!quantity) return std::unexpected(std::move(quantity.error()));
    named->quantities.push_back(std::move(*quantity));
  }
  return named;
}

Result<AverageAnswer> read_average(dom::object json) {
  Members members(json);
  AverageAnswer answer;
  answer.building = members.name("building");
  answer.room = members.name("room");
  answer.sensor = members.text("sensor");
  answer.quantity = members.name("quantity");
  answer.unit = members.text("unit");
  answer.count = members.count("count");
  answer.sensors = members.count("sensors");
  answer.value = members.number("value");
  answer.min = members.number("min");
  answer.max = members.number("max");
  answer.last = members.moment_or_null("last");
  answer.window = members.duration("window");
  answer.end = members.moment("end");
  answer.latest = members.latest("latest");
  answer.detail = members.text("detail");
  if (answer.count > 0 && (!answer.value || !answer.min || !answer.max || !answer.last)) {
    members.refuse("value", "null where there are readings");
  }
  return members.finish(std::move(answer));
}

Result<HistoryRow> read_history_row(dom::element json) {
  if (!json.is_object()) return not_understood("a bucket in it is no object");
  Members members(json);
  HistoryRow row;
  row.start = members.moment("start");
  row.room = members.name("room");
  row.count = members.count("count");
  row.mean = members.number("mean");
  row.min = members.number("min");
  row.max = members.number("max");
  return members.finish(std::move(row));
}

Result<HistoryFrame> read_history_frame(dom::object json) {
  Members members(json);
  HistoryFrame frame;
  frame.building = members.name("building");
  frame.quantity = members.name("quantity");
  frame.unit = members.text("unit");
  frame.step = members.duration("step");
  frame.from = members.moment("from");
  frame.to = members.moment("to");
  frame.detail = members.text("detail");
  return members.finish(std::move(frame));
}

}  // namespace temperature::client
