#include "access/scopes.h"

#include <algorithm>

#include "model/name.h"

namespace temperature::access {
namespace {

// As it is where it has no normal form: then no reading can come with it.
std::string normal_or_same(std::string_view name, ReadingRules rules) {
  if (name.empty() || rules == ReadingRules::former) return std::string(name);
  std::string made;
  return std::string(normalise_name({}, name, made).value_or(name));
}

}  // namespace

Result<std::string> registered_id(const Registry& registry, std::string_view sent, ReadingRules rules) {
  std::string normal = normal_or_same(sent, rules);
  if (normal == sent) return normal;
  const auto same = registry.find_sensor(sent);
  if (!same) return std::unexpected(same.error());
  return *same ? std::string(sent) : normal;
}

Result<Permit> permit_of(const Sensor& sensor, const Registry& registry, ReadingRules rules) {
  Permit permit;
  permit.sensor = normal_or_same(sensor.id, rules);
  if (permit.sensor != sensor.id) {
    const auto twin = registry.find_sensor(permit.sensor);
    if (!twin) return std::unexpected(twin.error());
    if (*twin) permit.sensor = sensor.id;
  }
  if (!sensor.building.empty()) permit.buildings = buildings_of({sensor.building}, rules);
  permit.room = normal_or_same(sensor.room, rules);
  for (const std::string& quantity : sensor.quantities) permit.quantities.push_back(normal_or_same(quantity, rules));
  return permit;
}

std::vector<std::string> buildings_of(std::vector<std::string> buildings, ReadingRules rules) {
  for (std::size_t i = buildings.size(); i > 0; --i) buildings.push_back(normal_or_same(buildings[i - 1], rules));
  std::ranges::sort(buildings);
  const auto repeated = std::ranges::unique(buildings);
  buildings.erase(repeated.begin(), repeated.end());
  return buildings;
}

}  // namespace temperature::access
