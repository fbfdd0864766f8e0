#pragma once

#include <cstddef>
#include <cstdint>

#include "base/sizes.h"

namespace temperature::limits {

// Bytes of the bodies of all requests in flight, where there is memory enough; a request that would add more is refused
// (overloaded).
inline constexpr std::size_t kBodiesBytesMax = 512 * kMiB;
// Bytes of memory for each byte of bodies in flight: what is made of a body takes some seven times its size, and half
// of the memory is for the rest.
inline constexpr std::size_t kMemoryForABodyByte = 16;
// Bytes of memory for each connection; of less there are fewer than kConnectionsMax.
inline constexpr std::size_t kMemoryForAConnection = 256 * kKiB;
// Bytes of memory from which on what was needed for a large body is kept for the next one.
inline constexpr std::uint64_t kMemoryToKeepScratch = 2'048 * kMiB;

}  // namespace temperature::limits

namespace temperature::http {

// What the memory that a process may have leaves for requests.
struct MemoryBounds {
  std::size_t bodies_bytes = 0;  // of all requests in flight; one body may have no more, either
  std::size_t connections = 0;
  std::size_t scratch_body_bytes = 0;  // what was needed for a larger body is given back behind it
};
MemoryBounds memory_bounds(std::uint64_t memory_bytes);

}  // namespace temperature::http
