#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

// Times as senders count them: so many of a unit since 1970.
namespace temperature {

enum class EpochUnit : std::uint8_t {
  nanoseconds,
  microseconds,
  milliseconds,
  seconds,
  minutes,
  hours,
  by_magnitude,  // InfluxDB 3's "auto": of the first four, what the number's size says
};

// The unit of a count by its size, with InfluxDB 3's bounds (influxdb3_types, write.rs). In the years that readings may
// be of (limits::kTimestampFirst to kTimestampLast) no count fits two units, so nothing is guessed there.
EpochUnit unit_by_magnitude(std::int64_t count);

// "nanoseconds"; of by_magnitude "a unit that its size tells".
std::string_view name_of(EpochUnit unit);

// In milliseconds since 1970, rounded down; what is beyond their range becomes the range's end.
std::int64_t to_milliseconds(std::int64_t count, EpochUnit unit);

// Whether a number may count seconds since 1970: from the year 2000 to the year 2100.
constexpr bool may_be_seconds(double count) {
  return count >= 946'684'800 && count <= 4'102'444'800;
}

// What most likely went wrong with a count that was said to be of `said`, and that is no time which can be taken:
// "it looks like seconds, where milliseconds are expected", "a clock that was never set begins in 1970". Empty: nothing
// is likely. `now`: a time is plausible from the year 2000 to a day after it.
std::string likely_cause(std::int64_t count, EpochUnit said, Timestamp now);

// The same of a time whose unit is beyond doubt.
std::string_view likely_cause(Timestamp moment);

}  // namespace temperature
