#include "client/readable.h"

#include <gtest/gtest.h>

#include <chrono>

namespace temperature::client {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Readable, Values) {
  EXPECT_EQ(readable_value(21.534, "°C"), "21.53 °C");
  EXPECT_EQ(readable_value(-0.5, "°C"), "-0.50 °C");
  EXPECT_EQ(readable_value(0, ""), "0.00");
  EXPECT_EQ(readable_value(0.00012, "bar"), "0.00012 bar");
  EXPECT_EQ(readable_value(1'234'567'890'123.0, "J"), "1.23e+12 J");
  EXPECT_EQ(readable_value(1'013.25, "hPa"), "1013.25 hPa");
}

TEST(Readable, Moments) {
  EXPECT_EQ(readable_moment(timestamp_from_ms(0)), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(readable_moment(timestamp_from_ms(250)), "1970-01-01 00:00:00.250 UTC");
}

TEST(Readable, Ages) {
  EXPECT_EQ(readable_age(Duration(-5)), "0 s");
  EXPECT_EQ(readable_age(Duration(4'999)), "4 s");
  EXPECT_EQ(readable_age(seconds(119)), "119 s");
  EXPECT_EQ(readable_age(minutes(2)), "2 min");
  EXPECT_EQ(readable_age(minutes(119)), "119 min");
  EXPECT_EQ(readable_age(hours(47)), "47 h");
  EXPECT_EQ(readable_age(hours(48)), "2 d");
}

TEST(Readable, Durations) {
  EXPECT_EQ(readable_duration(minutes(15)), "15 minutes");
  EXPECT_EQ(readable_duration(minutes(60)), "1 hour");
  EXPECT_EQ(readable_duration(seconds(90)), "90 seconds");
  EXPECT_EQ(readable_duration(hours(36)), "36 hours");
  EXPECT_EQ(readable_duration(hours(48)), "2 days");
  EXPECT_EQ(readable_duration(Duration(1'500)), "1500 ms");
}

TEST(Readable, Counts) {
  EXPECT_EQ(counted(0, "reading"), "0 readings");
  EXPECT_EQ(counted(1, "reading"), "1 reading");
}

}  // namespace
}  // namespace temperature::client
