#include "accept/sent_times.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::accept {
namespace {

constexpr Timestamp kServerNow = timestamp_from_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

SentTimes::Told tell(std::int64_t ms, EpochUnit times_in = EpochUnit::milliseconds, std::string_view lines = {},
                     std::uint32_t index = 0) {
  ingest::Parsed parsed;
  parsed.times_in = times_in;
  parsed.lines = lines;
  ingest::RawReading raw;
  raw.timestamp_ms = ms;
  raw.index = index;
  return SentTimes(parsed).tell(raw, kServerNow);
}

TEST(SentTimes, are_told_in_the_senders_unit) {
  const auto json = tell(1'700'000'000);
  EXPECT_EQ(json.timestamp, "timestamp 1700000000 (1970-01-20T16:13:20.000Z in milliseconds)");
  EXPECT_EQ(json.cause, ": it looks like seconds, where milliseconds since 1970 are expected");
  const auto line = tell(1'700, EpochUnit::nanoseconds, "t value=1 5\nt,a=b value=1,s=\"x y\" 1700000001\r\n", 1);
  EXPECT_EQ(line.timestamp, "timestamp 1700000001 (1970-01-01T00:00:01.700Z in nanoseconds)");
  EXPECT_EQ(line.cause, ": it looks like seconds, where nanoseconds since 1970 are expected");
  const auto decimals = tell(12'500, EpochUnit::seconds, "t value=1 12.5");
  EXPECT_EQ(decimals.timestamp, "timestamp 12.5 (1970-01-01T00:00:12.500Z in seconds)");
  EXPECT_EQ(decimals.cause, ": a clock that was never set begins in 1970");
}

// A line with a newline in a string: the last word of its first line is none of its timestamp.
TEST(SentTimes, what_is_not_found_is_told_as_it_was_read) {
  const auto told = tell(5, EpochUnit::nanoseconds, "t value=1,s=\"a 99\nb\" 5000000");
  EXPECT_EQ(told.timestamp, "timestamp 1970-01-01T00:00:00.005Z");
  EXPECT_EQ(told.cause, ": a clock that was never set begins in 1970");
}

TEST(SentTimes, some_hours_ahead_may_be_local_time) {
  EXPECT_EQ(tell(to_ms(kServerNow) + 3'600'000).cause, ": it may be local time that was sent as UTC");
  EXPECT_EQ(tell(to_ms(kServerNow) + 15 * 60'000).cause, "");
  EXPECT_EQ(tell(to_ms(kServerNow) + 15 * 3'600'000).cause, "");
}

}  // namespace
}  // namespace temperature::accept
