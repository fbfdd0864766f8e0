#include "client/reading_tallies.h"

#include <gtest/gtest.h>

namespace temperature::client {
namespace {

constexpr Timestamp kNoon = timestamp_from_ms(43'200'000);

TEST(Tally, IsTheSameWhateverTheOrder) {
  Tally one;
  Tally other;
  one.add(kNoon, 21.5);
  one.add(kNoon + Duration(1), -3);
  other.add(kNoon + Duration(1), -3);
  other.add(kNoon, 21.5);
  EXPECT_EQ(one, other);
}

TEST(Tally, IsAnotherOfOtherValuesTimesAndPairs) {
  const auto of = [](Timestamp first, double value, Timestamp second, double other) {
    Tally tally;
    tally.add(first, value);
    tally.add(second, other);
    return tally;
  };
  const Tally tally = of(kNoon, 21.5, kNoon + Duration(1), 22.5);
  EXPECT_FALSE(tally == of(kNoon, 21.5, kNoon + Duration(1), 22.5000001));
  EXPECT_FALSE(tally == of(kNoon, 21.5, kNoon + Duration(2), 22.5));
  EXPECT_FALSE(tally == of(kNoon, 22.5, kNoon + Duration(1), 21.5)) << "values changed places";
  EXPECT_FALSE(of(kNoon, 0, kNoon, 1) == of(kNoon + Duration(1), 0, kNoon, 1)) << "a zero has a time";
  EXPECT_FALSE(of(kNoon, 0.0, kNoon, 1) == of(kNoon, -0.0, kNoon, 1)) << "a zero has a sign";
}

TEST(Days, AreThoseOfUtc) {
  EXPECT_EQ(day_of(kNoon), 0);
  EXPECT_EQ(day_of(timestamp_from_ms(-1)), -1);
  EXPECT_EQ(day_of(timestamp_from_ms(86'400'000)), 1);
  EXPECT_EQ(beginning_of(1), timestamp_from_ms(86'400'000));
  EXPECT_EQ(beginning_of(-1), timestamp_from_ms(-86'400'000));
}

}  // namespace
}  // namespace temperature::client
