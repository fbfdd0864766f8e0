#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

// A column of whole numbers as bytes that know their length. docs/formats/chunk.md draws them.
namespace temperature::history {

// How a number is foretold: by nothing, by the one before, or by that one's step from the one before it.
inline constexpr unsigned kOrders = 3;

// Appends any numbers, limits::kChunkReadingsMax at most, and leaves others in their place. Steps are taken
// modulo 2^64. Of orders that seem to be equally good `order` is chosen.
void append_column(std::string& out, std::span<std::int64_t> numbers, unsigned order);

// Reads as many numbers as `numbers` has room for. False when the bytes are not what append_column() writes.
bool read_column(ByteReader& in, std::span<std::int64_t> numbers);

// About how many bits some of the numbers need when they are foretold so; to compare, cheaply.
std::uint64_t column_cost(std::span<const std::int64_t> numbers, unsigned order);
// How many of so many numbers those are.
std::size_t column_cost_samples(std::size_t numbers);
// About what lies in the middle of what they differ by from what was foretold.
std::int64_t column_base(std::span<const std::int64_t> numbers, unsigned order);

}  // namespace temperature::history
