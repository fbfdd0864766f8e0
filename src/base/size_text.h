#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace temperature {

// Reads a number of bytes: a whole number followed by B, KiB, MiB, GiB or TiB; "0" alone is zero. nullopt when the text
// is anything else, or more than 2^63.
std::optional<std::uint64_t> parse_size(std::string_view text);

// For people: "1.5 GiB", "820 MiB", "17 B".
std::string format_size(std::uint64_t bytes);

}  // namespace temperature
