#pragma once

#include <cstddef>

// How many readings may wait for a flush.
namespace temperature::limits {

// Readings that wait for the history before a flush begins, at most, however many series there are; the largest
// --flush-readings.
inline constexpr std::size_t kUnflushedReadingsMax = 16'000'000;

}  // namespace temperature::limits
