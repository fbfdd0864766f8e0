#include "history/volume_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace temperature::history {
namespace {

using std::chrono::days;

std::string bytes_of(const VolumeKey& key) {
  const auto bytes = key.encode();
  return {bytes.data(), bytes.size()};
}

TEST(VolumeKey, sorts_by_stretch_and_then_by_series) {
  constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  std::vector<std::pair<std::int32_t, std::uint32_t>> keys;
  for (const std::int32_t number : {kMin, kMin + 1, -256, -1, 0, 1, 255, 256, 19'675, kMax}) {
    for (const std::uint32_t series : {0U, 1U, 255U, 256U, 65'536U, UINT32_MAX}) keys.emplace_back(number, series);
  }
  std::vector<std::string> as_bytes;
  for (const auto& [number, series] : keys) as_bytes.push_back(bytes_of({number, SeriesId(series)}));
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_TRUE(std::ranges::is_sorted(as_bytes));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto back = VolumeKey::decode(as_bytes[i]);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->number, keys[i].first);
    EXPECT_EQ(back->series, SeriesId(keys[i].second));
  }
}

TEST(VolumeKey, is_eight_bytes) {
  EXPECT_EQ(bytes_of({1, SeriesId(2)}), std::string("\x80\0\0\x01\0\0\0\x02", 8));
  for (const std::size_t length : {0U, 4U, 7U, 9U}) EXPECT_FALSE(VolumeKey::decode(std::string(length, 'x')));
}

TEST(VolumeKey, of_a_series_alone_sorts_too) {
  EXPECT_EQ(series_key(SeriesId(0x01020304)), std::string("\x01\x02\x03\x04", 4));
  EXPECT_EQ(decode_series_key(series_key(SeriesId(77))), SeriesId(77));
  EXPECT_FALSE(decode_series_key("abc"));
}

TEST(Stretch, begins_at_midnight_or_at_every_32nd) {
  EXPECT_EQ(number_of(Span::day, Timestamp(days(0))), 0);
  EXPECT_EQ(number_of(Span::day, Timestamp(days(1)) - kTick), 0);
  EXPECT_EQ(number_of(Span::day, Timestamp(days(1))), 1);
  EXPECT_EQ(number_of(Span::day, Timestamp(days(0)) - kTick), -1);
  EXPECT_EQ(number_of(Span::day, Timestamp(days(-1))), -1);
  EXPECT_EQ(number_of(Span::day, Timestamp(days(-1)) - kTick), -2);
  EXPECT_EQ(number_of(Span::month, Timestamp(days(32)) - kTick), 0);
  EXPECT_EQ(number_of(Span::month, Timestamp(days(32))), 1);
  EXPECT_EQ(number_of(Span::month, Timestamp(days(-32)) - kTick), -2);
}

TEST(Stretch, holds_every_moment_that_there_is) {
  std::mt19937_64 random(1);
  for (const Span span : kSpans) {
    for (int i = 0; i < 10'000; ++i) {
      const Timestamp moment =
          i == 0   ? kTimestampMin
          : i == 1 ? kTimestampMax
                   : timestamp_from_ms(static_cast<std::int64_t>(random() >> (i % 60)) * (i % 2 == 0 ? 1 : -1));
      const std::int32_t number = number_of(span, moment);
      ASSERT_LE(begin_of(span, number), moment);
      ASSERT_TRUE(moment < end_of(span, number) || moment == kTimestampMax);
    }
  }
}

TEST(Stretch, follows_the_one_before) {
  for (const Span span : kSpans) {
    for (const std::int32_t number : {-40'000, -1, 0, 1, 19'675}) {
      EXPECT_EQ(end_of(span, number), begin_of(span, number + 1));
      EXPECT_EQ(end_of(span, number) - begin_of(span, number), length(span));
      EXPECT_EQ(number_of(span, begin_of(span, number)), number);
    }
  }
}

}  // namespace
}  // namespace temperature::history
