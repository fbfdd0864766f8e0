#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ingest/line_protocol.h"
#include "mapping/device_map.h"
#include "mapping/line_rules.h"

namespace temperature::mapping {

// Text that had to be made, because it does not stand in a line as it is meant. Never moves.
using MadeNames = std::deque<std::string>;

inline constexpr std::string_view kDeviceMap = "the device map";
inline constexpr std::string_view kValueField = "value";  // the field whose quantity the measurement names

// What a series of line protocol is called here. Views: into the series, the rules, the device map or the names made.
struct LineNames {
  std::string_view building;  // empty: the default
  std::string_view room;
  std::string_view sensor;
  std::string_view building_from;  // these three for whoever asks why: the tag, or kDeviceMap
  std::string_view room_from;
  std::string_view sensor_from;
  std::string_view measurement;
  std::string_view quantity;              // of the field `value`
  std::string_view unit;                  // of the field `value`; empty: not said
  bool home_assistant = false;            // then no other field is a reading
  std::optional<ErrorCode> refused = {};  // room_missing, sensor_missing
};

// Names that stand in the line go before the device map.
LineNames names_of(const ingest::LineSeries& series, const LineRules& rules, const DeviceMap& devices, MadeNames& made);

// The quantity of a field with a number, by its key as it is written; nullopt: the field is no reading.
std::optional<std::string_view> quantity_of(const LineNames& names, std::string_view field, MadeNames& made);

// Why the lines of a series are refused, and what to do. REQUIRES: names.refused.
Error refusal_of(const LineNames& names, const LineRules& rules);

}  // namespace temperature::mapping
