#include "http/memory_bounds.h"

#include <algorithm>

#include "http/server.h"

namespace temperature::http {

MemoryBounds memory_bounds(std::uint64_t memory_bytes) {
  constexpr std::uint64_t kBodiesBytesMin = limits::kMiB;
  constexpr std::uint64_t kConnectionsMin = 64;
  MemoryBounds bounds;
  bounds.bodies_bytes =
      std::clamp<std::uint64_t>(memory_bytes / limits::kMemoryForABodyByte, kBodiesBytesMin, limits::kBodiesBytesMax);
  bounds.connections =
      std::clamp<std::uint64_t>(memory_bytes / limits::kMemoryForAConnection, kConnectionsMin, limits::kConnectionsMax);
  bounds.scratch_body_bytes =
      memory_bytes >= limits::kMemoryToKeepScratch ? SIZE_MAX : bounds.bodies_bytes / limits::kMemoryForABodyByte;
  return bounds;
}

}  // namespace temperature::http
