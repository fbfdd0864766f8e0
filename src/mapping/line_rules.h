#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/line_fields.h"
#include "model/reading_rules.h"

namespace temperature::mapping {

// By which rules the names of line protocol become ours. Of several tags that could name a building or a room, the
// first of its list that a line has does. How a sensor is named: sensor_name.h.
struct LineRules {
  std::vector<std::string> building_tags{"building", "building_id", "site", "house", "facility"};
  std::vector<std::string> room_tags{"room", "room_id", "area", "area_id", "location", "zone"};
  std::vector<std::string> sensor_tags{"sensor", "sensor_id", "device", "device_id", "entity_id", "id", "host"};
  // What is said by these about the unit is a tag or a field with a string.
  std::vector<std::string> unit_tags{"unit", "units", "unit_of_measurement", "unit_of_measurement_str"};

  LineFields fields;  // which may be readings

  // Lines with the tags `domain` and `entity_id` are Home Assistant's: their measurement is a unit, and only their
  // field `value` is a reading.
  bool home_assistant = true;

  ReadingRules reading_rules = ReadingRules::current;
};

// Tags that describe a sensor and change while it stays the same: they name none. Sorted, in small
// letters, and compared without case; docs/api.md lists them.
// clang-format off
inline constexpr std::string_view kDescribingTags[] = {
    "ap", "availability", "battery", "battery_level", "battery_low", "battery_ok", "boot_count", "bssid", "build",
    "build_date", "counter", "date", "esphome_version", "firmware", "firmware_version", "free_heap", "fw",
    "fw_version", "heap", "ip", "ip_address", "ipaddr", "ipv4", "ipv6", "last_boot", "last_seen", "last_update",
    "last_updated", "latest_version", "link_quality", "linkquality", "local_ip", "lqi", "mic", "mod", "online",
    "payload", "qos", "reset_reason", "restart_reason", "retain", "retained", "rssi", "rssi_dbm", "seq", "sequence",
    "signal", "signal_strength", "snr", "software_version", "ssid", "state", "status", "sw_version", "time",
    "timestamp", "update_available", "uptime", "vcc", "ver", "version", "wifi", "wifi_signal",
};
// clang-format on

// Tags that name a sensor only where no other tag of LineRules::sensor_tags does: the machine that passes readings on,
// the topic on which they came, and a name that people give. Sorted.
inline constexpr std::string_view kSecondChoiceTags[] = {"friendly_name", "host", "topic"};

// Names with commas between, as a flag gives them.
std::string joined(const std::vector<std::string>& names);
std::vector<std::string> split(const std::string& names);

}  // namespace temperature::mapping
