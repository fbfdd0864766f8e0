#pragma once

#include <cstddef>

// How many readings a chunk has.
namespace temperature::limits {

// Readings of one chunk of the history; further ones go into the next chunk.
inline constexpr std::size_t kChunkReadingsMax = 16'384;
// Readings below which a chunk is small: a merge joins it with its neighbours.
inline constexpr std::size_t kChunkSmallReadings = 1'024;

}  // namespace temperature::limits
