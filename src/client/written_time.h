#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "client/time_zone.h"

namespace temperature::client {

// A time as somebody wrote it down.
struct WrittenTime {
  LocalTime local;
  std::optional<std::chrono::minutes> offset;  // from UTC; none: the zone is told elsewhere

  bool operator==(const WrittenTime&) const = default;
};

// Reads a time in one of the forms that can be read in one way only: a date that begins with a year of four digits
// ("2026-10-25", "2026/10/25", "2026.10.25"), then "T" or blanks, then a time of day with or without seconds, their
// fraction and AM or PM; an offset may follow. nullopt: anything else.
std::optional<WrittenTime> read_plain_time(std::string_view text);

// Reads a time by a format as strptime(3) has it: what std::chrono::parse takes, such as "%m/%d/%y %I:%M:%S %p". "%s"
// alone is seconds since 1970, with decimals or without. nullopt: the text is not of this form, to its end.
std::optional<WrittenTime> read_time(std::string_view text, const std::string& format);

// Whether the text begins with a date whose day and month could be either way round ("03/04/26", "25.10.2026").
bool day_and_month_unclear(std::string_view text);

}  // namespace temperature::client
