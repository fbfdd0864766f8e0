#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace temperature::mapping {

// The unit of a line's timestamp.
enum class Precision : std::uint8_t {
  nanoseconds,
  microseconds,
  milliseconds,
  seconds,
  minutes,
  hours,
  by_magnitude,  // InfluxDB 3's "auto": of the first four, what the number's size says
};

// "n", "ns", "u", "us", "ms", "s", "m", "h", "µ", "µs", "auto", and the units in full ("millisecond", "milliseconds");
// nullopt for anything else.
std::optional<Precision> precision_of(std::string_view text);
inline constexpr std::string_view kPrecisionNames =
    "ns, us, ms, s, m, h, auto, or in full nanosecond, microsecond, millisecond, second, minute, hour";

// The unit of a timestamp by its size, with InfluxDB 3's bounds (influxdb3_types, write.rs). In the years that readings
// may be of (limits::kTimestampFirst to kTimestampLast) no timestamp fits two units, so nothing is guessed there.
Precision precision_by_magnitude(std::int64_t timestamp);

// In milliseconds since 1970, rounded down; what is beyond their range becomes the range's end.
std::int64_t to_milliseconds(std::int64_t timestamp, Precision precision);

}  // namespace temperature::mapping
