#include "summary/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "testing/moments.h"

namespace temperature::summary {
namespace {

using testing::kNow;

Summary of(const std::vector<Sample>& samples) {
  Summary summary;
  for (const Sample& sample : samples) summary.add(sample);
  return summary;
}

void expect_same(const Summary& got, const Summary& want) {
  ASSERT_EQ(got.count, want.count);
  EXPECT_EQ(got.sum.mean(got.count), want.sum.mean(want.count));
  EXPECT_EQ(got.min, want.min);
  EXPECT_EQ(got.max, want.max);
  EXPECT_EQ(got.first, want.first);
  EXPECT_EQ(got.last, want.last);
  EXPECT_EQ(got.first_value, want.first_value);
  EXPECT_EQ(got.last_value, want.last_value);
}

TEST(Summary, knows_what_a_morning_was_like) {
  const Summary morning =
      of({{kNow - Duration(2), 19.0}, {kNow - Duration(3), 21.0}, {kNow, 20.5}, {kNow - Duration(1), 23.5}});
  EXPECT_EQ(morning.count, 4U);
  EXPECT_EQ(morning.sum.mean(morning.count), 21.0);
  EXPECT_EQ(morning.min, 19.0);
  EXPECT_EQ(morning.max, 23.5);
  EXPECT_EQ(morning.first, kNow - Duration(3));
  EXPECT_EQ(morning.first_value, 21.0);
  EXPECT_EQ(morning.last, kNow);
  EXPECT_EQ(morning.last_value, 20.5);
}

TEST(Summary, of_nothing_changes_nothing) {
  Summary summary = of({{kNow, 21.5}});
  summary.add(Summary());
  expect_same(summary, of({{kNow, 21.5}}));
  Summary from_nothing;
  from_nothing.add(summary);
  expect_same(from_nothing, summary);
}

TEST(Summary, of_sensors_that_speak_at_once_does_not_show_who_came_first) {
  const Sample cold{kNow, 18.0};
  const Sample warm{kNow, 24.0};
  expect_same(of({cold, warm}), of({warm, cold}));
}

// Whatever values follow each other: alike, of all magnitudes, without a fixed unit.
TEST(Summary, adds_many_in_order_as_it_adds_one_by_one) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto value = [&]() -> double {
      const double drift = static_cast<double>(random() % 4000) / 100;
      switch (random() % 40 == 0 ? random() % 8 : seed % 8) {
        case 0:
          return drift - 20;
        case 1:
          return drift * 1e-6;
        case 2:
          return 0.0;
        case 3:
          return -0.0;
        case 4:
          return 1e300 * drift;
        case 5:
          return -1e-300 * drift;
        case 6:
          return std::ldexp(1.0 + drift, static_cast<int>(random() % 200) - 100);
        default:
          return drift;
      }
    };
    std::vector<Sample> samples;
    Timestamp at = kNow;
    for (std::uint64_t i = random() % 300; i > 0; --i) samples.push_back({at += Duration(1 + random() % 5), value()});
    Summary got = of({{kNow, 1.25}});
    got.add_ordered(samples);
    Summary want = of({{kNow, 1.25}});
    for (const Sample& sample : samples) want.add(sample);
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, seed);
    expect_same(got, want);
  }
}

TEST(Summary, adds_up_from_parts_in_any_order) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<Sample> samples;
    const std::size_t count = 1 + random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      const double degrees = static_cast<double>(static_cast<std::int64_t>(random() % 12'000) - 6'000) / 100;
      // Some do not fit in units of 2^-72, and are large enough to swallow the others in a sum of doubles.
      const double value = seed % 2 == 0 && random() % 5 == 0 ? degrees * 1e20 : degrees;
      samples.push_back({kNow + Duration(static_cast<std::int64_t>(random() % 40)), value});
    }
    std::vector<Summary> parts(1 + random() % 6);
    for (const Sample& sample : samples) parts[random() % parts.size()].add(sample);
    std::ranges::shuffle(parts, random);
    Summary together;
    for (const Summary& part : parts) together.add(part);
    expect_same(together, of(samples));
  }
}

TEST(Tally, of_a_room_is_that_of_its_sensors) {
  Tally room;
  Tally sensor;
  sensor.add({kNow, 20.0});
  sensor.add({kNow + Duration(1), 21.0});
  room.add({kNow - Duration(1), 22.0});
  room.add(sensor);
  EXPECT_EQ(room.count, 3U);
  EXPECT_EQ(room.sum.mean(room.count), 21.0);
  EXPECT_EQ(room.min, 20.0);
  EXPECT_EQ(room.max, 22.0);
  EXPECT_EQ(room.first, kNow - Duration(1));
  EXPECT_EQ(room.last, kNow + Duration(1));
}

}  // namespace
}  // namespace temperature::summary
