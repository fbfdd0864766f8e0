#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace date {
class time_zone;
}

namespace temperature::client {

// What a clock on a wall shows: a date and a time of day, whose zone is told elsewhere.
using LocalTime = std::chrono::local_time<Duration>;

// "2026-10-25 02:30:00.000".
std::string format_local_time(LocalTime local);

// The moments that a local time may be.
struct LocalMoments {
  enum class Kind : std::uint8_t {
    one,      // `earlier` and `later` are the same
    two,      // clocks were put back over it
    none,     // clocks were put forward over it
    unknown,  // the system's rules for the zone end before it
  };
  Kind kind = Kind::unknown;
  Timestamp earlier;
  Timestamp later;
  Timestamp change;  // `two`: when clocks were put back
};

// A zone of the system's time zone data (IANA), or a fixed offset. A plain value; any thread.
class TimeZone {
 public:
  // "Europe/Berlin", or an offset: "+01:00", "-0530", "GMT-04:00", "UTC+8". An error says that there is no such zone,
  // or why the system's data cannot be read.
  static Result<TimeZone> named(std::string_view name);
  static TimeZone at_offset(std::chrono::minutes offset, std::string name);

  [[nodiscard]] LocalMoments moments_of(LocalTime local) const;
  [[nodiscard]] std::chrono::seconds offset_at(Timestamp moment) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  TimeZone() = default;

  std::string name_;
  const date::time_zone* zone_ = nullptr;  // nullptr: a fixed offset. The library's own, never freed
  std::chrono::minutes offset_{0};
  bool changes_for_ever_ = false;  // the rules go on after the last change that the data names
};

// An offset that stands in a text alone: "+01:00", "+0100", "+01", "GMT+1", "UTC-03:30", "UTC", "Z"; at most 18 hours.
std::optional<std::chrono::minutes> parse_offset(std::string_view text);

// "GMT+01:00", "GMT-03:30".
std::string format_offset(std::chrono::minutes offset);

}  // namespace temperature::client
