#include "model/value_ranges.h"

#include <gtest/gtest.h>

#include <limits>

namespace temperature {
namespace {

constexpr double kGreatest = std::numeric_limits<double>::max();

TEST(ValueRanges, know_nothing_but_absolute_zero_at_first) {
  const ValueRanges ranges;
  EXPECT_TRUE(ranges.of("temperature").contains(-273.15));
  EXPECT_FALSE(ranges.of("temperature").contains(-273.16));
  EXPECT_TRUE(ranges.of("temperature").contains(kGreatest));
  EXPECT_TRUE(ranges.of("power").contains(-kGreatest));
  EXPECT_TRUE(ranges.of_all().contains(-273.15));
  EXPECT_FALSE(ranges.of_all().contains(-274));
}

TEST(ValueRanges, have_both_their_ends) {
  ValueRanges ranges;
  ranges.keep("humidity", {0, 100});
  for (const double inside : {0.0, 50.0, 100.0}) EXPECT_TRUE(ranges.of("humidity").contains(inside)) << inside;
  for (const double outside : {-0.01, 100.01}) EXPECT_FALSE(ranges.of("humidity").contains(outside)) << outside;
  EXPECT_FALSE(ranges.of("humidity").contains(std::numeric_limits<double>::quiet_NaN()));
}

TEST(ValueRanges, of_temperature_never_reach_below_absolute_zero) {
  ValueRanges ranges;
  ranges.keep("temperature", {-1'000, 60});
  EXPECT_EQ(ranges.of("temperature"), (ValueRange{-273.15, 60}));
  ranges.keep("temperature", {-40, 60});
  EXPECT_EQ(ranges.of("temperature"), (ValueRange{-40, 60}));
}

// Whatever all contain together needs no look at the quantity.
TEST(ValueRanges, together_are_as_narrow_as_the_narrowest) {
  ValueRanges ranges;
  ranges.keep("temperature", {-40, 60});
  ranges.keep("humidity", {0, 100});
  EXPECT_EQ(ranges.of_all(), (ValueRange{0, 60}));
  ranges.keep("co2", {300, 5'000});
  EXPECT_FALSE(ranges.of_all().contains(50));
  EXPECT_FALSE(ranges.of_all().contains(300));
}

}  // namespace
}  // namespace temperature
