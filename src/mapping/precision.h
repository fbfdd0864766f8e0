#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace temperature::mapping {

// The unit of a line's timestamp.
enum class Precision : std::uint8_t { nanoseconds, microseconds, milliseconds, seconds, minutes, hours };

// "n", "ns", "u", "us", "ms", "s", "m", "h" and "µ", "µs"; nullopt for anything else.
std::optional<Precision> precision_of(std::string_view text);

// In milliseconds since 1970, rounded down; what is beyond their range becomes the range's end.
std::int64_t to_milliseconds(std::int64_t timestamp, Precision precision);

}  // namespace temperature::mapping
