#include "base/epoch.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

constexpr Timestamp kServersTime = timestamp_from_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

TEST(Epoch, says_which_unit_a_count_looks_like) {
  const auto f = [](std::int64_t count, EpochUnit said, std::string_view want) {
    EXPECT_EQ(likely_cause(count, said, kServersTime), want) << count;
  };
  f(1'700'000'000, EpochUnit::milliseconds, "it looks like seconds, where milliseconds since 1970 are expected");
  f(1'700'000'000, EpochUnit::nanoseconds, "it looks like seconds, where nanoseconds since 1970 are expected");
  f(1'700'000'000'000, EpochUnit::nanoseconds, "it looks like milliseconds, where nanoseconds since 1970 are expected");
  f(1'700'000'000'000, EpochUnit::seconds, "it looks like milliseconds, where seconds since 1970 are expected");
  f(1'700'000'000'000'000, EpochUnit::milliseconds,
    "it looks like microseconds, where milliseconds since 1970 are expected");
  f(1'700'000'000'000'000'000, EpochUnit::milliseconds,
    "it looks like nanoseconds, where milliseconds since 1970 are expected");
}

TEST(Epoch, knows_where_clocks_begin) {
  EXPECT_EQ(likely_cause(12'345, EpochUnit::milliseconds, kServersTime), "a clock that was never set begins in 1970");
  EXPECT_EQ(likely_cause(90, EpochUnit::seconds, kServersTime), "a clock that was never set begins in 1970");
  EXPECT_EQ(likely_cause(315'964'800'000, EpochUnit::milliseconds, kServersTime),  // 1980-01-06: GPS
            "a clock that was never set begins in January 1980");
  EXPECT_EQ(likely_cause(timestamp_from_ms(946'684'805'000)), "a clock that was never set begins in January 2000");
  EXPECT_EQ(likely_cause(timestamp_from_ms(2'085'978'496'000)),  // 2036-02-07T06:28:16Z: NTP's 32 bits
            "a clock that NTP never set shows 2036-02-07");
  EXPECT_EQ(likely_cause(timestamp_from_ms(4'294'967'295'000)), "the largest 32-bit count of seconds is 2106-02-07");
  EXPECT_EQ(likely_cause(kServersTime), "");
  EXPECT_EQ(likely_cause(-1, EpochUnit::milliseconds, kServersTime), "");
}

}  // namespace
}  // namespace temperature
