#include "mapping/line_names.h"

#include <fmt/format.h>

#include <array>

#include "model/name_limits.h"

namespace temperature::mapping {
namespace {

using ingest::LineName;
using ingest::LineSeries;

// What Home Assistant's units say about the quantity. A percentage may be anything: see quantity_by_entity().
struct UnitOfHome {
  std::string_view unit;
  std::string_view quantity;
};
constexpr std::array<UnitOfHome, 7> kUnitsOfHome{{
    {"°C", "temperature"},
    {"℃", "temperature"},
    {"°F", "temperature"},
    {"℉", "temperature"},
    {"K", "temperature"},
    {"hPa", "pressure"},
    {"mbar", "pressure"},
}};

std::string_view meaning_of(std::string_view written, LineName what, MadeNames& made) {
  if (!written.contains('\\')) return written;
  return made.emplace_back(ingest::unescape_line_name(written, what));
}

struct FoundTag {
  std::string_view key;  // empty: none
  std::string_view value;
};

// The tag whose key comes first in `keys`.
FoundTag find_tag(const LineSeries& series, const std::vector<std::string>& keys, MadeNames& made) {
  for (const std::string& key : keys) {
    for (const auto& tag : series.tags()) {
      if (meaning_of(tag.key, LineName::key_or_value, made) != key) continue;
      return {key, meaning_of(tag.value, LineName::key_or_value, made)};
    }
  }
  return {};
}

std::string_view find_tag(const LineSeries& series, std::string_view key, MadeNames& made) {
  for (const auto& tag : series.tags()) {
    if (tag.key == key) return meaning_of(tag.value, LineName::key_or_value, made);
  }
  return {};
}

// Some units are of several quantities; the entity's name may tell which.
std::string_view quantity_by_entity(std::string_view unit, std::string_view entity) {
  if (unit == "%" && entity.contains("humidity")) return "humidity";
  if (unit == "ppm" && (entity.contains("co2") || entity.contains("carbon_dioxide"))) return "co2";
  return unit;
}

void read_home_assistant(std::string_view entity, LineNames& names) {
  names.home_assistant = true;
  names.sensor = entity;
  names.sensor_from = "entity_id";
  for (const auto& [unit, quantity] : kUnitsOfHome) {
    if (unit != names.measurement) continue;
    names.quantity = quantity;
    names.unit = unit;
    return;
  }
  names.quantity = quantity_by_entity(names.measurement, entity);
}

}  // namespace

LineNames names_of(const LineSeries& series, const LineRules& rules, const DeviceMap& devices, MadeNames& made) {
  LineNames names;
  names.measurement = meaning_of(series.measurement(), LineName::measurement, made);
  names.quantity = names.measurement;
  const FoundTag sensor = find_tag(series, rules.sensor_tags, made);
  names.sensor = sensor.value;
  names.sensor_from = sensor.key;
  const FoundTag room = find_tag(series, rules.room_tags, made);
  names.room = room.value;
  names.room_from = room.key;
  const FoundTag building = find_tag(series, rules.building_tags, made);
  names.building = building.value;
  names.building_from = building.key;

  const Device* device = nullptr;
  if (rules.home_assistant) {
    const std::string_view domain = find_tag(series, "domain", made);
    const std::string_view entity = find_tag(series, "entity_id", made);
    if (!domain.empty() && !entity.empty()) {
      read_home_assistant(entity, names);
      if (devices.size() > 0) device = devices.find(fmt::format("{}.{}", domain, entity));
    }
  }
  if (device == nullptr && devices.size() > 0 && !names.sensor.empty()) device = devices.find(names.sensor);
  if (device != nullptr) {
    if (names.room.empty()) {
      names.room = device->room;
      names.room_from = kDeviceMap;
      if (names.building.empty()) {
        names.building = device->building;
        names.building_from = kDeviceMap;
      }
    }
    if (!device->quantity.empty()) names.quantity = device->quantity;
  }
  if (names.sensor.empty()) names.refused = ErrorCode::sensor_missing;
  if (names.room.empty()) names.refused = ErrorCode::room_missing;
  return names;
}

std::optional<std::string_view> quantity_of(const LineNames& names, std::string_view field, MadeNames& made) {
  if (field == kValueField) return names.quantity;
  if (names.home_assistant) return std::nullopt;
  return meaning_of(field, LineName::key_or_value, made);
}

Error refusal_of(const LineNames& names, const LineRules& rules) {
  if (names.refused == ErrorCode::sensor_missing) {
    return {ErrorCode::sensor_missing,
            fmt::format("no tag names the sensor: there is none of {}", fmt::join(rules.sensor_tags, ", "))};
  }
  const std::string map =
      names.sensor.empty() ? std::string("no device to look up in the device map")
                           : fmt::format("no \"{}\" in the device map", names.sensor.substr(0, limits::kNameBytesMax));
  return {ErrorCode::room_missing,
          fmt::format("the room cannot be told: there is no tag of {}, and {}", fmt::join(rules.room_tags, ", "), map)};
}

}  // namespace temperature::mapping
