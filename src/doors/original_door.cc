#include "doors/original_door.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/json_text.h"
#include "base/reject_limits.h"
#include "base/time.h"
#include "base/utf8.h"
#include "doors/refusals.h"
#include "doors/validation.h"
#include "doors/write_answer.h"
#include "http/inflate.h"
#include "http/problem.h"
#include "http/query.h"
#include "http/request_trace.h"
#include "ingest/raw_reading.h"
#include "model/name.h"

namespace temperature::doors {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kOriginalAddress = "/temperatures";
constexpr double kTemperatureMin = -88;  // degrees Celsius; the original's bounds
constexpr double kTemperatureMax = 58;
constexpr std::int64_t kMinutesMax = 1'440;
constexpr std::size_t kEchoBytesMax = 1'024;                  // of the input, in an error
constexpr double kExactIntegerMax = 9'007'199'254'740'992.0;  // 2^53

std::string echo(const dom::element& element) {
  std::string text = simdjson::minify(element);
  return text.size() <= kEchoBytesMax ? text : "null";
}

// The name that is meant by `text`, for what is said of names to hold for it; `text` when it means none.
std::string_view meant_name(std::string_view what, std::string_view text, std::string& made) {
  const auto normal = normalise_name(what, text, made);
  return normal ? *normal : text;
}

// Reads the fields of the original's request; every fault goes into one answer.
class Fields {
 public:
  Fields(const dom::element& body, Validation& faults) : body_(body), faults_(faults) {}

  std::string_view name(std::string_view field) {
    const auto found = find(field);
    if (found.error() != simdjson::SUCCESS) return {};
    std::string_view text;
    std::string made;
    if (found.get_string().get(text) != simdjson::SUCCESS) {
      faults_.add("string_type", "body", field, "Input should be a valid string", echo(found.value_unsafe()));
    } else if (text.empty()) {
      faults_.add("string_too_short", "body", field, "String should have at least 1 character",
                  echo(found.value_unsafe()), R"({"min_length":1})");
    } else if (auto checked = http::check_name(field, meant_name(field, text, made)); !checked) {
      faults_.add("value_error", "body", field, "Value error, " + checked.error().detail, echo(found.value_unsafe()));
    }
    return text;
  }

  double temperature(std::string_view field) {
    const auto found = find(field);
    if (found.error() != simdjson::SUCCESS) return 0;
    double value = 0;
    if (found.get_double().get(value) != simdjson::SUCCESS) {
      faults_.add("float_type", "body", field, "Input should be a valid number", echo(found.value_unsafe()));
    } else if (value < kTemperatureMin) {
      faults_.add("greater_than_equal", "body", field, "Input should be greater than or equal to -88",
                  echo(found.value_unsafe()), R"({"ge":-88.0})");
    } else if (value > kTemperatureMax) {
      faults_.add("less_than_equal", "body", field, "Input should be less than or equal to 58",
                  echo(found.value_unsafe()), R"({"le":58.0})");
    }
    return value;
  }

  std::int64_t integer(std::string_view field) {
    const auto found = find(field);
    if (found.error() != simdjson::SUCCESS) return 0;
    std::int64_t value = 0;
    double real = 0;
    if (found.get_int64().get(value) == simdjson::SUCCESS) return value;
    if (found.get_double().get(real) != simdjson::SUCCESS) {
      faults_.add("int_type", "body", field, "Input should be a valid integer", echo(found.value_unsafe()));
    } else if (real != std::trunc(real)) {
      faults_.add("int_from_float", "body", field,
                  "Input should be a valid integer, got a number with a fractional part", echo(found.value_unsafe()));
    } else if (std::abs(real) > kExactIntegerMax) {
      faults_.add("int_parsing_size", "body", field, "Input should be a valid integer of a moderate size",
                  echo(found.value_unsafe()));
    } else {
      return static_cast<std::int64_t>(real);
    }
    return 0;
  }

 private:
  simdjson::simdjson_result<dom::element> find(std::string_view field) {
    auto found = body_.at_key(field);
    if (found.error() != simdjson::SUCCESS) {
      faults_.add("missing", "body", field, "Field required", echo(body_));
    }
    return found;
  }

  const dom::element& body_;
  Validation& faults_;
};

// A text that begins with a byte order mark is copied; others are not.
simdjson::simdjson_result<dom::element> parse(dom::parser& parser, const std::string& text) {
  const std::string_view json = without_byte_order_mark(text);
  return json.size() == text.size() ? parser.parse(text) : parser.parse(json.data(), json.size());
}

// What became of a write; worded when the connection's turn has come.
class OriginalAnswer final : public WriteAnswer {
 public:
  OriginalAnswer(http::Exchange& exchange, const pipeline::WritePath& write_path, telemetry::Rejects& rejects,
                 std::int64_t timestamp_ms)
      : WriteAnswer(exchange, write_path), rejects_(rejects), timestamp_ms_(timestamp_ms) {}

 private:
  void word_outcome(http::Exchange& exchange, Result<pipeline::WriteOutcome>& outcome) override {
    http::Response& response = exchange.response;
    if (outcome && !forbidden(*outcome)) note(exchange.request, *outcome);
    if (!outcome) {
      http::write_detail(response, outcome.error());
    } else if (forbidden(*outcome)) {
      http::write_detail(response, 403, outcome->rejected_details.front().error.detail);
    } else if (outcome->rejected > 0) {
      refuse(response, outcome->rejected_details.front().error);
    } else if (outcome->conflicts > 0) {
      const bool may_read = exchange.request.principal->may(access::Need::read).has_value();
      http::write_detail(response, 409, words_of(outcome->conflict_details.front(), may_read));
    } else {
      response.status = 201;
      response.body = R"({"message":"Success.","id":)";
      append_json_number(response.body, outcome->position.value());
      response.body.push_back('}');
    }
  }

  // Who may not read is not told what is stored.
  static std::string words_of(const pipeline::Conflict& conflict, bool may_read) {
    return fmt::format("The sensor has reported {} for this timestamp already; {} was not stored.",
                       may_read ? fmt::format("{}", conflict.stored) : "another temperature", conflict.refused);
  }

  static bool forbidden(const pipeline::WriteOutcome& outcome) {
    return outcome.rejected > 0 && traits(outcome.rejected_details.front().error.code).http_status == 403;
  }

  void note(http::Request& request, pipeline::WriteOutcome& outcome) {
    const std::string& body = request.body;
    for (ingest::Rejected& rejected : outcome.rejected_details) {
      rejected.text = utf8_prefix(body, limits::kRejectTextBytesMax);
    }
    note_outcome(rejects_, kOriginalAddress, request, outcome, [&body](const pipeline::Conflict&) {
      return ConflictWords{.text = std::string(utf8_prefix(body, limits::kRejectTextBytesMax))};
    });
  }

  void refuse(http::Response& response, const Error& error) const {
    const bool about_time = error.code == ErrorCode::timestamp_too_old || error.code == ErrorCode::timestamp_ahead ||
                            error.code == ErrorCode::too_old;
    Validation faults;
    faults.add(traits(error.code).code, "body", about_time ? "timestamp" : "", error.detail,
               about_time ? std::to_string(timestamp_ms_) : "null");
    response.status = 422;
    response.body = faults.body();
  }

  telemetry::Rejects& rejects_;
  std::int64_t timestamp_ms_;
};

// The parameter `minutes`, or why not.
std::int64_t minutes_of(const http::Query& query, Validation& faults) {
  constexpr std::int64_t kMinutesDefault = 15;
  const std::string* text = query.find("minutes");
  if (text == nullptr) return kMinutesDefault;
  std::int64_t minutes = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, minutes);
  std::string input;
  append_json_string(input, utf8_prefix(*text, kEchoBytesMax));
  if (error != std::errc() || stop != end) {
    faults.add("int_parsing", "query", "minutes",
               "Input should be a valid integer, unable to parse string as an integer", input);
  } else if (minutes < 1) {
    faults.add("greater_than_equal", "query", "minutes", "Input should be greater than or equal to 1", input,
               R"({"ge":1})");
  } else if (minutes > kMinutesMax) {
    faults.add("less_than_equal", "query", "minutes", "Input should be less than or equal to 1440", input,
               R"({"le":1440})");
  }
  return minutes;
}

std::string name_of(const http::Query& query, std::string_view name, Validation& faults) {
  const std::string* text = query.find(name);
  if (text == nullptr) {
    faults.add("missing", "query", name, "Field required", "null");
    return {};
  }
  std::string made;
  if (auto checked = http::check_name(name, meant_name(name, *text, made)); !checked) {
    std::string input;
    append_json_string(input, utf8_prefix(*text, kEchoBytesMax));
    faults.add("value_error", "query", name, "Value error, " + checked.error().detail, input);
  }
  return *text;
}

void write_average(http::Response& response, const answer::AverageQuery& asked,
                   const Result<answer::Average>& average) {
  if (!average && average.error().code != ErrorCode::room_unknown) {
    return http::write_detail(response, average.error());
  }
  if (!average || average->count == 0) {
    std::string detail = "No temperature readings found for the specified room or timeframe.";
    if (average && !average->lacks.empty())
      detail += fmt::format(" In building \"{}\" {}.", asked.building, average->lacks);
    return http::write_detail(response, 404, detail);
  }
  std::string& out = response.body;
  out += R"({"buildingId":)";
  append_json_string(out, asked.building);
  out += R"(,"roomId":)";
  append_json_string(out, asked.room);
  out += R"(,"averageTemperature":)";
  append_json_number(out, average->value);
  out += R"(,"startTime":)";
  append_json_number(out, to_ms(asked.at - asked.window));
  out += R"(,"endTime":)";
  append_json_number(out, to_ms(asked.at));
  out.push_back('}');
}

}  // namespace

struct TemperaturesDoor::Scratch {
  dom::parser parser{limits::kBodyInflatedBytesMax};
  ingest::Parsed parsed;
};

TemperaturesDoor::TemperaturesDoor(pipeline::WritePath& write_path, telemetry::Rejects& rejects, std::size_t threads)
    : write_path_(write_path), rejects_(rejects) {
  for (std::size_t i = 0; i < threads; ++i) scratch_.push_back(std::make_unique<Scratch>());
}
TemperaturesDoor::~TemperaturesDoor() = default;

void TemperaturesDoor::handle(http::Exchange& exchange) {
  Scratch& scratch = *scratch_[exchange.thread];
  Validation faults;
  const auto respond = [this, &exchange, &faults] {
    exchange.response.status = 422;
    exchange.response.body = faults.body();
    rejects_.add(kOriginalAddress, exchange.request.sender, 0, {ErrorCode::nothing_admissible, faults.body()},
                 exchange.request.body, {}, http::trace_of(exchange.request));
    exchange.finish();
  };
  if (auto charged = exchange.charge(1); !charged) {
    http::write_detail(exchange.response, 429, charged.error().detail);
    return exchange.finish();
  }
  const std::string& text = exchange.request.body;
  dom::element body;
  if (text.empty()) {
    faults.add("missing", "body", "", "Field required", "null");
    return respond();
  }
  if (const auto error = parse(scratch.parser, exchange.request.body).get(body); error != simdjson::SUCCESS) {
    std::string context = R"({"error":)";
    append_json_string(context, simdjson::error_message(error));
    faults.add("json_invalid", "body", "", "JSON decode error", "{}", context + "}");
    return respond();
  }
  if (!body.is_object()) {
    faults.add("model_attributes_type", "body", "",
               "Input should be a valid dictionary or object to extract fields from", echo(body));
    return respond();
  }
  Fields fields(body, faults);
  ingest::RawReading raw;
  raw.building = fields.name("buildingId");
  raw.room = fields.name("roomId");
  raw.sensor = fields.name("sensorId");
  raw.value = fields.temperature("temperature");
  raw.timestamp_ms = fields.integer("timestamp");
  if (faults.failed()) return respond();
  scratch.parsed.clear();
  scratch.parsed.readings.push_back(raw);
  WriteAnswer& answer =
      answer_with(exchange, std::make_unique<OriginalAnswer>(exchange, write_path_, rejects_, *raw.timestamp_ms));
  write_path_.write(scratch.parsed, exchange.request.sender, answer, &exchange.request.principal->permit);
}

void TemperatureAverageDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  if (auto asked = question(exchange, response)) {
    const auto quick = reading_.pipeline.read_path().average_from_memory(*asked);
    if (!quick) {
      write_average(response, *asked, std::unexpected(quick.error()));
    } else if (*quick) {
      write_average(response, *asked, **quick);
    } else {
      const auto later =
          answer_later(reading_.readers, exchange,
                       [&read_path = reading_.pipeline.read_path(), asked = std::move(*asked)](http::Response& filled) {
                         write_average(filled, asked, read_path.average(asked));
                         return Result<void>();
                       });
      if (later) return;
      http::write_detail(response, later.error());
    }
  }
  exchange.finish();
}

std::optional<answer::AverageQuery> TemperatureAverageDoor::question(const http::Exchange& exchange,
                                                                     http::Response& response) const {
  if (reading_.pipeline.state().phase() == pipeline::ServiceState::Phase::recovering) {
    http::write_detail(response, Error{ErrorCode::recovering, "The service is recovering."});
    return std::nullopt;
  }
  const auto query = http::Query::parse(exchange.request.query);
  if (!query) {
    http::write_detail(response, 422, query.error().detail);
    return std::nullopt;
  }
  Validation faults;
  answer::AverageQuery asked;
  asked.building = name_of(*query, "building", faults);
  asked.room = name_of(*query, "room", faults);
  asked.window = std::chrono::minutes(minutes_of(*query, faults));
  asked.quantity = "temperature";
  asked.at = reading_.clock.now();
  if (faults.failed()) {
    response.status = 422;
    response.body = faults.body();
    return std::nullopt;
  }
  const pipeline::ReadPath& read_path = reading_.pipeline.read_path();
  if (auto may = check_building(exchange.request.principal->permit, read_path.reading_rules(), asked.building); !may) {
    http::write_detail(response, 403, may.error().detail);
    return std::nullopt;
  }
  if (auto found = read_path.find_names(asked.building, {&asked.room, 1}, asked.quantity, asked.sensor); !found) {
    http::write_detail(response, 422, found.error().detail);
    return std::nullopt;
  }
  return asked;
}

}  // namespace temperature::doors
