#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

// Values as a person reads them.
namespace temperature::client {

// "21.53 °C": two decimals, and fewer digits where these say nothing or too much. `unit` may be empty.
std::string readable_value(double value, std::string_view unit);

// "2026-11-29 03:44:04 UTC"; with milliseconds where there are any.
std::string readable_moment(Timestamp moment);

// How old something is, rounded down: "4 s", "3 min", "2 h", "5 d".
std::string readable_age(Duration age);

// "15 minutes", "1 hour", "90 seconds": the largest unit that it is a whole number of.
std::string readable_duration(Duration duration);

// "1 reading", "2 readings".
std::string counted(std::uint64_t count, std::string_view what);

}  // namespace temperature::client
