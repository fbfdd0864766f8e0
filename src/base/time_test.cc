#include "base/time.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

TEST(Time, reads_rfc3339) {
  const auto f = [](std::string_view text, std::int64_t want_ms) {
    const auto got = parse_rfc3339(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(to_ms(*got), want_ms) << text;
  };
  f("1970-01-01T00:00:00Z", 0);
  f("2022-10-05T22:00:00Z", 1'665'007'200'000);
  f("2022-10-05t22:00:00z", 1'665'007'200'000);
  f("2022-10-05 22:00:00Z", 1'665'007'200'000);
  f("2022-10-06T00:00:00+02:00", 1'665'007'200'000);
  f("2022-10-05T17:30:00-04:30", 1'665'007'200'000);
  f("2022-10-05T22:00:00.25Z", 1'665'007'200'250);
  f("2022-10-05T22:00:00.2509999Z", 1'665'007'200'250);
  f("2016-12-31T23:59:60Z", 1'483'228'800'000);
  f("2016-12-31T23:59:60.999Z", 1'483'228'800'000);
  f("2017-01-01T05:29:60+05:30", 1'483'228'800'000);
  f("2016-12-31T18:59:60-05:00", 1'483'228'800'000);
  f("2024-02-29T23:59:60Z", 1'709'251'200'000);
  f("2022-10-05T22:00Z", 1'665'007'200'000);
  f("2022-10-06 00:00+02:00", 1'665'007'200'000);
  f("2022-10-06T00:00:00+0200", 1'665'007'200'000);
  f("2022-10-06T00:00:00+02", 1'665'007'200'000);
  f("2022-10-05T17:30-0430", 1'665'007'200'000);
  f("2022-10-06 00:00:00 +02:00", 1'665'007'200'000);
  f("2022-10-05 22:00:00 UTC", 1'665'007'200'000);
  f("2022-10-05T22:00:00.250999999Z", 1'665'007'200'250);
  f("2024-02-29T00:00:00Z", 1'709'164'800'000);
  f("1969-12-31T23:59:59.999Z", -1);
  f("0000-01-01T00:00:00Z", -62'167'219'200'000);
  f("9999-12-31T23:59:59.999Z", 253'402'300'799'999);
}

TEST(Time, refuses_what_is_not_rfc3339) {
  for (const std::string_view text : {"",
                                      "2022",
                                      "2022-10-05",
                                      "2022-10-05T22:00:00",
                                      "2022-10-05T22Z",
                                      "2022-13-05T22:00:00Z",
                                      "2022-02-29T22:00:00Z",
                                      "2022-10-32T22:00:00Z",
                                      "2022-10-05T24:00:00Z",
                                      "2022-10-05T22:60:00Z",
                                      "2022-10-05T22:00:61Z",
                                      "2022-10-05T22:00:00.Z",
                                      "2022-10-05T22:00:00+2:00",
                                      "2022-10-05T22:00:00+24:00",
                                      "2022-10-05T22:00:00Zx",
                                      " 2022-10-05T22:00:00Z",
                                      "+022-10-05T22:00:00Z",
                                      "2022-10-05T22:00:00+020",
                                      "2022-10-05T22:00:00+02:",
                                      "2022-10-05T22:00:00+02:0",
                                      "2022-10-05T22:00:00 02:00",
                                      "2022-10-05T22:00:00  +02:00",
                                      "2022-10-05T22:00:00CEST",
                                      "2022-10-05T22:00:00,5Z",
                                      "2022-10-05T22:00.5Z",
                                      "2022-10-05T22:00:00+02:60",
                                      "2016-12-30T23:59:60Z",
                                      "2016-12-31T22:59:60Z",
                                      "2016-12-31T23:59:60+01:00",
                                      "2022-10-05T22:00:60Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Time, says_why_a_text_is_no_time) {
  const auto f = [](std::string_view text, TimeFault want) { EXPECT_EQ(read_time(text).fault, want) << text; };
  f("2022-10-05T22:00:00Z", TimeFault::none);
  f("2022-10-05T22:00:00", TimeFault::offset_missing);
  f("2022-10-05 22:00", TimeFault::offset_missing);
  f("2022-10-05T22:00:00.123", TimeFault::offset_missing);
  f("2022-10-05T22:00:00 Europe/Berlin", TimeFault::offset_invalid);
  f("2022-10-05T22:00:00+2:00", TimeFault::offset_invalid);
  f("2022-10-05", TimeFault::time_missing);
  f("22:00:00", TimeFault::date_missing);
  f("2022-02-30", TimeFault::does_not_exist);
  f("2022-02-30T22:00:00", TimeFault::does_not_exist);
  f("2022-10-05T24:00:00Z", TimeFault::does_not_exist);
  f("2022-10-05T22:00:60Z", TimeFault::leap_second);
  f("yesterday", TimeFault::not_a_time);
  f("05.10.2022 22:00", TimeFault::not_a_time);
  f("", TimeFault::not_a_time);
}

TEST(Time, a_blank_is_a_plus_where_that_is_said) {
  const auto plus = read_time("2022-10-06T00:00:00 02:00", OffsetSign::blank_is_plus);
  EXPECT_EQ(plus.fault, TimeFault::none);
  EXPECT_EQ(to_ms(plus.moment), 1'665'007'200'000);
  EXPECT_EQ(read_time("2022-10-06T00:00:00  02:00", OffsetSign::blank_is_plus).fault, TimeFault::none);
  EXPECT_EQ(read_time("2022-10-06 00:00", OffsetSign::blank_is_plus).fault, TimeFault::offset_missing);
}

TEST(Time, reads_a_date) {
  EXPECT_EQ(to_ms(*parse_date("2022-10-05")), 1'664'928'000'000);
  for (const std::string_view text : {"", "2022-10", "2022-02-30", "2022-10-05T", "2022-10-5"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Time, reads_a_moment_as_the_interface_takes_it) {
  EXPECT_EQ(to_ms(*parse_timestamp("1665007200000")), 1'665'007'200'000);
  EXPECT_EQ(to_ms(*parse_timestamp("-5")), -5);
  EXPECT_EQ(to_ms(*parse_timestamp("1970-01-01T00:00:01Z")), 1000);
  for (const std::string_view text : {"", "12.5", "1e3", "99999999999999999999", "now", "0x10"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Time, writes_what_it_reads) {
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'665'007'200'250},
                                std::int64_t{253'402'300'799'999}, std::int64_t{-62'167'219'200'000}}) {
    EXPECT_EQ(parse_rfc3339(format_timestamp(timestamp_from_ms(ms))), timestamp_from_ms(ms));
  }
  EXPECT_EQ(format_timestamp(timestamp_from_ms(1'665'007'200'250)), "2022-10-05T22:00:00.250Z");
  EXPECT_EQ(format_timestamp(kTimestampMax), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_timestamp(kTimestampMin), "0000-01-01T00:00:00.000Z");
}

TEST(Time, reads_and_writes_durations) {
  const auto f = [](std::string_view text, std::int64_t want_ms, std::string_view shortest) {
    const auto got = parse_duration(text);
    ASSERT_TRUE(got) << text;
    EXPECT_EQ(got->count(), want_ms) << text;
    EXPECT_EQ(format_duration(*got), shortest) << text;
  };
  f("0", 0, "0s");
  f("0s", 0, "0s");
  f("90s", 90'000, "90s");
  f("15m", 900'000, "15m");
  f("60m", 3'600'000, "1h");
  f("1h", 3'600'000, "1h");
  f("7d", 604'800'000, "7d");
  f("1w", 604'800'000, "7d");
  f("250ms", 250, "250ms");
  for (const std::string_view text : {"", "s", "15", "-1s", "1.5h", "1h30m", "1y", "99999999999999d", "1 h", "+1h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace temperature
