#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "ingest/line_protocol.h"
#include "mapping/device_map.h"
#include "mapping/line_rules.h"
#include "mapping/sensor_name.h"

namespace temperature::mapping {

inline constexpr std::string_view kDeviceMap = "the device map";
inline constexpr std::string_view kValueField = "value";  // the field whose quantity the measurement names
inline constexpr std::string_view kMeasurement = "the measurement";

// What a series of line protocol is called here. Views: into the series, the rules, the device map or the names made.
struct LineNames {
  std::string_view building;  // empty: the default
  std::string_view room;
  std::string_view sensor;
  std::string_view building_from;  // these five for whoever asks why: the tag, or kDeviceMap
  std::string_view room_from;
  std::string_view sensor_from;   // the tag, several with ", " between, or kMeasurement
  std::uint32_t sensor_tags = 0;  // how many made the sensor's name
  std::string_view device_from;  // what the device map was asked for: a tag, or kMeasurement; empty: it has none of all
  std::string_view other_device_from;  // set when that and this are two devices in different rooms: then neither counts
  std::string_view measurement;
  std::string_view quantity;              // of the field `value`
  std::string_view unit;                  // of the field `value`; empty: not said
  bool home_assistant = false;            // then no other field is a reading
  std::optional<ErrorCode> refused = {};  // room_missing, sensor_missing
};

// Names that stand in the line go before the device map. In it are looked up, under current rules, in this order: Home
// Assistant's `domain.entity_id`; the sensor's name; the values of the tags of LineRules::sensor_tags in the order of
// that list; those of all other tags but the room's and the unit's, of which two that name different devices are
// refused; the measurement. A line whose tags name no sensor has then what was found for its sensor. Under former
// rules: the first two, and the line needs a sensor. `sensor_id`: see read_tags().
LineNames names_of(const ingest::LineSeries& series, const LineRules& rules, const DeviceMap& devices, MadeNames& made,
                   std::string_view sensor_id = {});

// The quantity of a field with a number, by its key as it is written; nullopt: the field is no reading.
std::optional<std::string_view> quantity_of(const LineNames& names, std::string_view field, MadeNames& made);

// Why the lines of a series are refused, and what to do. REQUIRES: names.refused.
Error refusal_of(const LineNames& names, const LineRules& rules);

}  // namespace temperature::mapping
