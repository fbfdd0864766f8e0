#include "base/memory_reserve.h"

#include <gtest/gtest.h>

#include <new>

namespace temperature {
namespace {

// What operator new does when there is no memory: asks the handler until it throws.
bool finds_more() {
  try {
    std::get_new_handler()();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

TEST(MemoryReserve, is_for_who_must_end_what_has_begun) {
  MemoryReserve::install();
  EXPECT_FALSE(MemoryReserve::is_short());
  {
    const MayRunOut may;
    EXPECT_FALSE(finds_more()) << "who may run out leaves it to others";
    EXPECT_FALSE(MemoryReserve::is_short());
    const MustNotRunOut must_not;
    EXPECT_TRUE(finds_more());
  }
  EXPECT_TRUE(MemoryReserve::is_short());
  EXPECT_FALSE(finds_more()) << "it is there once";
  MemoryReserve::refill();
  EXPECT_FALSE(MemoryReserve::is_short());
  EXPECT_TRUE(MemoryReserve::give());
  EXPECT_FALSE(MemoryReserve::give());
  MemoryReserve::refill();
  EXPECT_TRUE(finds_more());
}

}  // namespace
}  // namespace temperature
