#include "mapping/line_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "model/name_limits.h"

namespace temperature::mapping {
namespace {

using ingest::LineName;
using ingest::LineSeries;

constexpr std::string_view kEntity = "entity_id";

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

const MeantTag* find_tag(const MeantTags& tags, std::string_view key) {
  const auto at = std::ranges::find(tags, key, &MeantTag::key);
  return at == tags.end() ? nullptr : &*at;
}

// The tag whose key comes first in `keys`; an empty one: there is none.
MeantTag find_tag(const MeantTags& tags, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (const MeantTag* tag = find_tag(tags, key)) return *tag;
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
  names.sensor_from = kEntity;
  names.sensor_tags = 1;
  for (const auto& [unit, quantity] : kUnitsOfHome) {
    if (unit != names.measurement) continue;
    names.quantity = quantity;
    names.unit = unit;
    return;
  }
  names.quantity = quantity_by_entity(names.measurement, entity);
}

// A device of the map, and what of the line it was found by.
struct FoundDevice {
  const Device* device = nullptr;
  std::string_view text;
  std::string_view from;
  std::string_view other_from;
};

// By the tags that are not of the sensor's list. Two that disagree: both are told, and no device.
FoundDevice find_by_other_tags(const MeantTags& tags, const LineRules& rules, const DeviceMap& devices) {
  FoundDevice found;
  for (const MeantTag& tag : tags) {
    if (tag.use == TagUse::room || tag.use == TagUse::unit) continue;
    if (std::ranges::find(rules.sensor_tags, tag.key) != rules.sensor_tags.end()) continue;
    const Device* device = devices.find_any(tag.value);
    if (device == nullptr) continue;
    if (found.device == nullptr) {
      found = {device, tag.value, tag.key, {}};
    } else if (*found.device != *device) {
      return {nullptr, {}, found.from, tag.key};
    }
  }
  return found;
}

// Under current rules, but for Home Assistant's own.
FoundDevice find_device(const MeantTags& tags, const LineNames& names, const LineRules& rules,
                        const DeviceMap& devices) {
  if (const Device* device = names.sensor.empty() ? nullptr : devices.find_any(names.sensor)) {
    return {device, names.sensor, names.sensor_from, {}};
  }
  for (const std::string& key : rules.sensor_tags) {
    const MeantTag* tag = find_tag(tags, key);
    const Device* device = tag == nullptr ? nullptr : devices.find_any(tag->value);
    if (device != nullptr) return {device, tag->value, tag->key, {}};
  }
  const FoundDevice other = find_by_other_tags(tags, rules, devices);
  if (!other.from.empty()) return other;
  return {devices.find_any(names.measurement), names.measurement, kMeasurement, {}};
}

void use_device(const FoundDevice& found, LineNames& names) {
  names.device_from = found.from;
  names.other_device_from = found.other_from;
  if (found.device == nullptr) return;
  if (names.sensor.empty()) {
    names.sensor = found.text;
    names.sensor_from = found.from;
    names.sensor_tags = 1;
  }
  if (names.room.empty()) {
    names.room = found.device->room;
    names.room_from = kDeviceMap;
    if (names.building.empty()) {
      names.building = found.device->building;
      names.building_from = kDeviceMap;
    }
  }
  if (!found.device->quantity.empty()) names.quantity = found.device->quantity;
}

}  // namespace

LineNames names_of(const LineSeries& series, const LineRules& rules, const DeviceMap& devices, MadeNames& made,
                   std::string_view sensor_id) {
  LineNames names;
  names.measurement = meaning_of(series.measurement(), LineName::measurement, made);
  names.quantity = names.measurement;
  const MeantTags tags = read_tags(series, rules, sensor_id, made);
  const MeantTag room = find_tag(tags, rules.room_tags);
  names.room = room.value;
  names.room_from = room.key;
  const MeantTag building = find_tag(tags, rules.building_tags);
  names.building = building.value;
  names.building_from = building.key;

  FoundDevice device;
  const MeantTag* domain = rules.home_assistant ? find_tag(tags, "domain") : nullptr;
  const MeantTag* entity = domain != nullptr ? find_tag(tags, kEntity) : nullptr;
  const bool proven = std::ranges::any_of(tags, &MeantTag::proven);
  if (entity != nullptr) {
    read_home_assistant(entity->value, names);
    if (devices.size() > 0) {
      device = {devices.find(fmt::format("{}.{}", domain->value, entity->value)), entity->value, kEntity, {}};
    }
  }
  if (entity == nullptr || proven) {
    const SensorName sensor = sensor_name(tags, rules, made);
    names.sensor = sensor.name;
    names.sensor_from = sensor.from;
    names.sensor_tags = sensor.tags;
  }
  if (device.device == nullptr && devices.size() > 0) {
    if (rules.reading_rules == ReadingRules::current) {
      device = find_device(tags, names, rules, devices);
    } else if (!names.sensor.empty()) {
      device = {devices.find(names.sensor), names.sensor, names.sensor_from, {}};
    }
  }
  if (device.device != nullptr || !device.other_from.empty()) use_device(device, names);
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
  if (!names.other_device_from.empty()) {
    return {
        ErrorCode::room_missing,
        fmt::format("the room cannot be told: there is no tag of {}, and in the device map {} and {} name two devices",
                    fmt::join(rules.room_tags, ", "), names.device_from, names.other_device_from)};
  }
  const std::string map = names.sensor.empty() ? std::string("no device to look up in the device map")
                                               : fmt::format("no \"{}\" in the device map",
                                                             utf8_prefix(names.sensor, limits::kNameBytesMax));
  return {ErrorCode::room_missing,
          fmt::format("the room cannot be told: there is no tag of {}, and {}", fmt::join(rules.room_tags, ", "), map)};
}

}  // namespace temperature::mapping
