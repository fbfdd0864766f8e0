#include "model/permit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace temperature {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<void> Permit::check(const SeriesKey& key) const {
  if (!sensor.empty() && key.sensor != sensor) {
    return failure(ErrorCode::forbidden_sensor,
                   fmt::format("this credential is for readings of sensor \"{}\" alone", sensor));
  }
  if (auto checked = check_building(key.building); !checked) return checked;
  if (!room.empty() && key.room != room) {
    return failure(ErrorCode::forbidden_room, fmt::format("this credential is for room \"{}\" alone", room));
  }
  if (!holds(quantities, key.quantity)) {
    return failure(ErrorCode::forbidden_quantity,
                   fmt::format("this credential is for {} alone", fmt::join(quantities, ", ")));
  }
  return {};
}

Result<void> Permit::check_building(std::string_view building) const {
  if (holds(buildings, building)) return {};
  return failure(ErrorCode::forbidden_building, fmt::format("this credential is for {} alone, not for building \"{}\"",
                                                            fmt::join(buildings, ", "), building));
}

}  // namespace temperature
