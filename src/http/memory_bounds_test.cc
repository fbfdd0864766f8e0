#include "http/memory_bounds.h"

#include <gtest/gtest.h>

#include "http/server.h"

namespace temperature::http {
namespace {

constexpr std::uint64_t kMebibyte = 1'024 * 1'024;

TEST(MemoryBounds, leave_everything_where_there_is_memory_enough) {
  for (const std::uint64_t memory : {8'192 * kMebibyte, UINT64_MAX}) {
    const MemoryBounds bounds = memory_bounds(memory);
    EXPECT_EQ(bounds.bodies_bytes, limits::kBodiesBytesMax);
    EXPECT_EQ(bounds.connections, limits::kConnectionsMax);
    EXPECT_EQ(bounds.scratch_body_bytes, SIZE_MAX);
  }
}

TEST(MemoryBounds, follow_the_memory) {
  const MemoryBounds bounds = memory_bounds(128 * kMebibyte);
  EXPECT_EQ(bounds.bodies_bytes, 8 * kMebibyte);
  EXPECT_EQ(bounds.connections, 512U);
  EXPECT_EQ(bounds.scratch_body_bytes, kMebibyte / 2);
}

TEST(MemoryBounds, leave_something_always) {
  const MemoryBounds bounds = memory_bounds(0);
  EXPECT_EQ(bounds.bodies_bytes, kMebibyte);
  EXPECT_EQ(bounds.connections, 64U);
}

}  // namespace
}  // namespace temperature::http
