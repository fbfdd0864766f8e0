#include "doors/influx_delete_door.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>
#include <set>
#include <utility>

#include "base/time.h"
#include "doors/deletion_door.h"
#include "doors/line_answers.h"
#include "http/query.h"

namespace temperature::doors {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

auto not_understood(std::string_view why) {
  return failure(
      ErrorCode::parameter_invalid,
      fmt::format(R"(the predicate {}; it must be like room="kitchen" AND sensor="s1" AND _measurement="temperature")",
                  why));
}

// Takes the predicate apart from its front.
class PredicateReader {
 public:
  explicit PredicateReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() {
    skip_blanks();
    return rest_.empty();
  }
  // A word of letters, digits and underscores; empty when there is none.
  std::string_view word() {
    skip_blanks();
    const std::size_t end = rest_.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return take(std::min(end, rest_.size()));
  }
  bool equals_sign() {
    skip_blanks();
    if (!rest_.starts_with('=')) return false;
    rest_.remove_prefix(1);
    skip_blanks();
    return true;
  }
  // What stands between quotation marks; a backslash keeps what follows it. nullopt: no such text.
  std::optional<std::string> quoted() {
    if (!rest_.starts_with('"')) return std::nullopt;
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\') {
        ++i;
        if (i == rest_.size() || (rest_[i] != '"' && rest_[i] != '\\')) return std::nullopt;
      }
      text.push_back(rest_[i]);
    }
    return std::nullopt;
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }
  std::string_view take(std::size_t bytes) {
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
};

bool is_and(std::string_view word) {
  return word == "AND" || word == "and" || word == "And";
}

Result<Timestamp> moment_of(simdjson::dom::object body, std::string_view name) {
  std::string_view text;
  if (body.at_key(name).get(text) != simdjson::SUCCESS) {
    return failure(ErrorCode::parameter_missing,
                   fmt::format("{} is missing: a time such as 2026-01-31T12:00:00Z", name));
  }
  const auto moment = parse_timestamp(text);
  if (!moment)
    return failure(ErrorCode::parameter_invalid, fmt::format("{} must be a time such as 2026-01-31T12:00:00Z", name));
  return *moment;
}

void write_done(http::Response& response, const Result<pipeline::DeletionOutcome>& outcome) {
  if (!outcome) return write_error_v2(response, outcome.error());
  response.status = 204;
}

}  // namespace

Result<Scope> read_predicate(std::string_view text, std::string_view default_building) {
  PredicateReader reader(text);
  std::optional<std::string> building;
  std::optional<std::string> room;
  Scope scope;
  while (true) {
    const std::string_view name = reader.word();
    std::optional<std::string>* const part = name == "building"       ? &building
                                             : name == "room"         ? &room
                                             : name == "sensor"       ? &scope.sensor
                                             : name == "_measurement" ? &scope.quantity
                                                                      : nullptr;
    if (part == nullptr) return not_understood("may name building, room, sensor and _measurement alone");
    if (!reader.equals_sign()) return not_understood("compares with = alone");
    auto value = reader.quoted();
    if (!value) return not_understood("has a value that does not stand between quotation marks");
    if (part->has_value()) return not_understood(fmt::format("names {} twice", name));
    if (auto checked = http::check_name(name == "_measurement" ? "quantity" : name, *value); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    *part = std::move(*value);
    if (reader.done()) break;
    if (!is_and(reader.word())) return not_understood("joins with AND alone");
  }
  if (!room) return not_understood("names no room: all rooms are never meant");
  scope.building = building.value_or(std::string(default_building));
  scope.room = std::move(*room);
  return scope;
}

Result<Deletion> InfluxDeleteDoor::read(const http::Request& request) const {
  simdjson::dom::parser parser;
  simdjson::dom::object body;
  if (parser.parse(request.body).get(body) != simdjson::SUCCESS) {
    return failure(ErrorCode::malformed_json, R"(the body must be an object: {"start","stop","predicate"})");
  }
  std::set<std::string_view> named;
  for (const auto& [name, value] : body) {
    if (!named.insert(name).second) {
      return failure(ErrorCode::malformed_json, fmt::format("\"{}\" is there twice", name));
    }
    if (name == "start" || name == "stop" || name == "predicate") continue;
    return failure(ErrorCode::parameter_unknown,
                   fmt::format("\"{}\" is not known; there are start, stop, predicate", name));
  }
  Deletion deletion;
  const auto from = moment_of(body, "start");
  if (!from) return std::unexpected(from.error());
  const auto to = moment_of(body, "stop");
  if (!to) return std::unexpected(to.error());
  if (*from >= *to) return failure(ErrorCode::parameter_invalid, "start must be before stop");
  std::string_view predicate;
  if (body.at_key("predicate").get(predicate) != simdjson::SUCCESS) {
    return not_understood("is missing: all rooms are never meant");
  }
  auto scope = read_predicate(predicate, default_building_);
  if (!scope) return std::unexpected(std::move(scope.error()));
  const auto query = http::Query::parse(request.query);
  if (!query) return std::unexpected(query.error());
  auto reason = reason_of(*query, require_reasons_);
  if (!reason) return std::unexpected(std::move(reason.error()));
  deletion.reason = std::move(*reason);
  deletion.origin = {clock_.now(), request.sender};
  deletion.scope = std::move(*scope);
  deletion.from = *from;
  deletion.to = *to;
  if (auto may = check_deletion(pipeline_, *request.principal, deletion); !may) {
    return std::unexpected(std::move(may.error()));
  }
  return deletion;
}

void InfluxDeleteDoor::handle(http::Exchange& exchange) {
  auto deletion = read(exchange.request);
  if (deletion) return answer_deletion(pipeline_, std::move(*deletion), exchange, log_, write_done);
  write_error_v2(exchange.response, deletion.error());
  exchange.finish();
}

}  // namespace temperature::doors
