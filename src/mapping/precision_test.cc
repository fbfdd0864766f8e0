#include "mapping/precision.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/timestamp_limits.h"

namespace temperature::mapping {
namespace {

TEST(Precision, is_known_by_every_name_that_clients_send) {
  using enum Precision;
  const auto expect = [](std::initializer_list<std::string_view> names, Precision precision) {
    for (const std::string_view name : names) EXPECT_EQ(precision_of(name), precision) << name;
  };
  expect({"ns", "n", "nanosecond", "nanoseconds"}, nanoseconds);
  expect({"us", "u", "µs", "µ", "microsecond", "microseconds"}, microseconds);
  expect({"ms", "millisecond", "milliseconds"}, milliseconds);
  expect({"s", "second", "seconds"}, seconds);
  expect({"m", "minute", "minutes"}, minutes);
  expect({"h", "hour", "hours"}, hours);
  expect({"auto"}, by_magnitude);
  for (const auto* none : {"", "d", "secondss", "sec", "millisec", "Auto"}) EXPECT_FALSE(precision_of(none)) << none;
}

// Of every moment that a reading may have, each of the four units is told by the number's size.
TEST(Precision, is_told_by_magnitude_in_all_the_years_that_readings_have) {
  for (const Timestamp moment :
       {limits::kTimestampFirst, timestamp_from_ms(1'700'000'000'000), limits::kTimestampLast}) {
    const std::int64_t ms = to_ms(moment);
    EXPECT_EQ(to_milliseconds(ms / 1'000, Precision::by_magnitude), ms);
    EXPECT_EQ(to_milliseconds(ms, Precision::by_magnitude), ms);
    EXPECT_EQ(to_milliseconds(ms * 1'000, Precision::by_magnitude), ms);
    EXPECT_EQ(to_milliseconds(ms * 1'000'000, Precision::by_magnitude), ms);
  }
}

TEST(Precision, by_magnitude_has_the_bounds_of_influxdb_3) {
  using enum Precision;
  EXPECT_EQ(unit_by_magnitude(0), seconds);
  EXPECT_EQ(unit_by_magnitude(4'999'999'999), seconds);
  EXPECT_EQ(unit_by_magnitude(5'000'000'000), milliseconds);
  EXPECT_EQ(unit_by_magnitude(4'999'999'999'999), milliseconds);
  EXPECT_EQ(unit_by_magnitude(5'000'000'000'000), microseconds);
  EXPECT_EQ(unit_by_magnitude(4'999'999'999'999'999), microseconds);
  EXPECT_EQ(unit_by_magnitude(5'000'000'000'000'000), nanoseconds);
  EXPECT_EQ(unit_by_magnitude(-5'000'000'000), milliseconds);
  EXPECT_EQ(unit_by_magnitude(std::numeric_limits<std::int64_t>::min()), nanoseconds);
}

}  // namespace
}  // namespace temperature::mapping
