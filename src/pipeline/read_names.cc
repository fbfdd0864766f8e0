#include <fmt/format.h>

#include <algorithm>

#include "answer/answer.h"
#include "catalogue/catalogue.h"
#include "model/name.h"
#include "pipeline/read_path.h"

namespace temperature::pipeline {
namespace {

// A name as it was sent, and what it is by the current rules.
struct Asked {
  std::string sent;
  std::string normal;               // empty: it has no normal form
  std::optional<Error> fault = {};  // then
};

Asked asked_of(std::string_view what, const std::string& sent) {
  Asked asked{.sent = sent, .normal = {}};
  std::string made;
  auto normal = normalise_name(what, sent, made);
  if (normal) {
    asked.normal = std::string(*normal);
  } else {
    asked.fault = Error{ErrorCode::parameter_invalid, std::move(normal.error().detail)};
  }
  return asked;
}

// Its normal form where nothing is known by what was sent.
Result<void> choose(const Asked& asked, bool known, std::string& name) {
  if (known) return {};
  if (asked.fault) return std::unexpected(*asked.fault);
  name = asked.normal;
  return {};
}

}  // namespace

Result<void> ReadPath::find_names(std::string& building, std::span<std::string> rooms, std::string& quantity,
                                  std::optional<std::string>& sensor) const {
  const bool normal = is_normal_name(building) && is_normal_name(quantity) && (!sensor || is_normal_name(*sensor)) &&
                      std::ranges::all_of(rooms, is_normal_name);
  if (normal || reading_rules() == ReadingRules::former) return {};

  const Asked its_building = asked_of("building", building);
  const bool building_known = std::ranges::any_of(rooms, [&](const std::string& room) {
    return room_known(building, room) || room_known(building, asked_of("room", room).normal);
  });
  if (auto chosen = choose(its_building, building_known, building); !chosen) return chosen;
  for (std::string& room : rooms) {
    const bool known = room_known(building, room);
    if (auto chosen = choose(asked_of("room", room), known, room); !chosen) return chosen;
    if (std::ranges::count(rooms, room) > 1) {
      return failure(ErrorCode::parameter_invalid, fmt::format("room \"{}\" is given twice", room));
    }
  }
  const auto in_any_room = [&](const auto& is_known) {
    return std::ranges::any_of(rooms, [&](const std::string& room) {
      const auto window = catalogue_.find_window(building, room, quantity);
      return window && has_readings(*window) && is_known(*window);
    });
  };
  const bool quantity_known = in_any_room([](WindowId) { return true; });
  if (auto chosen = choose(asked_of("quantity", quantity), quantity_known, quantity); !chosen) return chosen;
  if (!sensor) return {};
  const bool sensor_known =
      in_any_room([&](WindowId window) { return catalogue_.find_sensor(window, *sensor).has_value(); });
  return choose(asked_of("sensor", *sensor), sensor_known, *sensor);
}

Result<void> ReadPath::find_names(Scope& scope) const {
  std::string quantity = scope.quantity.value_or(std::string(kQuantityDefault));
  std::optional<std::string> sensor = scope.quantity ? scope.sensor : std::nullopt;
  if (auto found = find_names(scope.building, std::span(&scope.room, 1), quantity, sensor); !found) return found;
  if (scope.quantity) {
    scope.quantity = std::move(quantity);
    scope.sensor = std::move(sensor);
    return {};
  }
  if (!scope.sensor || is_normal_name(*scope.sensor) || reading_rules() == ReadingRules::former) return {};
  const bool known = std::ranges::any_of(catalogue_.room_windows(scope.building, scope.room), [&](WindowId window) {
    return catalogue_.find_sensor(window, *scope.sensor).has_value();
  });
  return choose(asked_of("sensor", *scope.sensor), known, *scope.sensor);
}

bool ReadPath::any_building_has(const std::string& room, const std::optional<std::string>& building) const {
  if (building) return room_known(*building, room);
  std::pair<std::string, std::string> after;
  while (true) {
    const auto page = rooms_with_readings(std::nullopt, {}, after, limits::kPageRoomsMax);
    if (std::ranges::find(page, room, &catalogue::Catalogue::Room::room) != page.end()) return true;
    if (page.size() < limits::kPageRoomsMax) return false;
    after = {page.back().building, page.back().room};
  }
}

Result<void> ReadPath::find_names(std::optional<std::string>& building, std::optional<std::string>& room) const {
  if (reading_rules() == ReadingRules::former) return {};
  if (building && !is_normal_name(*building)) {
    const bool known = !rooms_with_readings(building, {}, {}, 1).empty();
    if (auto chosen = choose(asked_of("building", *building), known, *building); !chosen) return chosen;
  }
  if (!room || is_normal_name(*room)) return {};
  return choose(asked_of("room", *room), any_building_has(*room, building), *room);
}

}  // namespace temperature::pipeline
