#include "window/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include "window/leaf.h"

namespace temperature::window {
namespace {

constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Slot slot(int i) {
  return Slot(static_cast<std::uint16_t>(i));
}

summary::Tally over(const Window& window, Timestamp after, Timestamp upto) {
  summary::Tally summary;
  window.summarize(after, upto, std::nullopt, summary);
  return summary;
}

TEST(Window, averages_three_sensors_wherever_the_minute_falls) {
  Window window;
  window.add(slot(0), {kNoon - milliseconds(1), 20.0});
  window.add(slot(1), {kNoon, 22.0});
  window.add(slot(2), {kNoon + milliseconds(1), 24.0});
  const summary::Tally summary = over(window, kNoon - minutes(15), kNoon + seconds(1));
  EXPECT_EQ(summary.count, 3U);
  EXPECT_EQ(summary.sum.mean(3), 22.0);
  EXPECT_EQ(window.sensors(kNoon - minutes(15), kNoon + seconds(1)), 3U);
}

TEST(Window, is_open_below_and_closed_above) {
  Window window;
  window.add(slot(0), {kNoon, 20.0});
  EXPECT_EQ(over(window, kNoon, kNoon + minutes(1)).count, 0U);
  EXPECT_EQ(over(window, kNoon - milliseconds(1), kNoon).count, 1U);
}

TEST(Window, counts_a_sensor_whose_newest_reading_lies_after_the_stretch) {
  Window window;
  window.add(slot(0), {kNoon, 20.0});
  window.add(slot(0), {kNoon + minutes(20), 21.0});
  window.add(slot(1), {kNoon + minutes(20), 21.0});
  EXPECT_EQ(window.sensors(kNoon - minutes(1), kNoon), 1U);
}

TEST(Window, knows_the_newest_reading_of_all_sensors) {
  Window window;
  EXPECT_EQ(window.newest(), std::nullopt);
  window.add(slot(2), {kNoon, 20.0});
  EXPECT_EQ(window.newest(), (SlotSample{slot(2), {kNoon, 20.0}}));
  window.add(slot(3), {kNoon, 21.0});  // at the same moment the lowest slot counts
  EXPECT_EQ(window.newest(), (SlotSample{slot(2), {kNoon, 20.0}}));
  window.add(slot(1), {kNoon, 22.0});
  EXPECT_EQ(window.newest(), (SlotSample{slot(1), {kNoon, 22.0}}));
  window.add(slot(0), {kNoon - seconds(1), 23.0});  // late
  EXPECT_EQ(window.newest(), (SlotSample{slot(1), {kNoon, 22.0}}));
  window.restore_newest(slot(3), {kNoon + seconds(1), 24.0});
  EXPECT_EQ(window.newest(), (SlotSample{slot(3), {kNoon + seconds(1), 24.0}}));
}

TEST(Window, finds_readings_far_apart) {
  Window window;
  const std::vector<Timestamp> moments{kNoon, kNoon - std::chrono::days(4000), kNoon + std::chrono::days(4000),
                                       kNoon - std::chrono::days(60), kNoon + std::chrono::days(50)};
  for (const Timestamp moment : moments) window.add(slot(0), {moment, 1.0});
  for (const Timestamp moment : moments) EXPECT_TRUE(window.find(slot(0), moment)) << to_ms(moment);
  EXPECT_EQ(over(window, kTimestampMin, kTimestampMax).count, moments.size());
}

TEST(Window, drops_what_is_written_and_old_and_remembers_its_floor) {
  Window window;
  for (int i = 0; i < 3600; ++i) window.add(slot(0), {kNoon + seconds(i), 20.0});
  std::vector<SlotSample> taken;
  window.take(taken);
  EXPECT_EQ(taken.size(), 3600U);
  window.settle(true, minutes(20), kTimestampMax - kTick);
  EXPECT_EQ(window.unflushed(), 0U);
  EXPECT_LT(window.count(), 3600U);
  EXPECT_GT(window.floor(), kNoon);
  EXPECT_LE(window.floor(), kNoon + seconds(3599) - minutes(20));
  // Everything from the floor on is there.
  const auto kept = static_cast<std::uint64_t>((kNoon + seconds(3599) - window.floor()) / seconds(1)) + 1;
  EXPECT_EQ(over(window, window.floor() - milliseconds(1), kTimestampMax).count, kept);
}

TEST(Window, keeps_what_was_not_written) {
  Window window;
  for (int i = 0; i < 3600; ++i) window.add(slot(0), {kNoon + seconds(i), 20.0});
  std::vector<SlotSample> taken;
  window.take(taken);
  window.add(slot(1), {kNoon, 30.0});  // while the flush is under way
  window.settle(true, minutes(20), kTimestampMax - kTick);
  EXPECT_EQ(window.unflushed(), 1U);
  EXPECT_TRUE(window.find(slot(1), kNoon));

  Window failed;
  for (int i = 0; i < 3600; ++i) failed.add(slot(0), {kNoon + seconds(i), 20.0});
  failed.take(taken);
  failed.settle(false, minutes(20), kTimestampMax - kTick);
  EXPECT_EQ(failed.unflushed(), 3600U);
  EXPECT_EQ(failed.count(), 3600U);
  taken.clear();
  failed.take(taken);
  EXPECT_EQ(taken.size(), 3600U);
}

TEST(Window, needs_at_most_sixteen_bytes_a_reading) {
  Window window;
  for (int i = 0; i < 900; ++i) {
    for (int sensor = 0; sensor < 200; ++sensor) {
      window.add(slot(sensor), {kNoon + seconds(i) + milliseconds(sensor), 20.0});
    }
  }
  EXPECT_LE(window.bytes(), 180'000U * 16 + 200 * 300);
}

// A leaf has an eighth of its entries to spare at most, or 32 of them: what was counted wrong would add up to more.
TEST(Window, counts_its_memory_as_it_grows_and_shrinks) {
  std::minstd_rand random(17);
  Window window;
  const std::size_t empty = window.bytes();
  std::vector<SlotSample> taken;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 2'000; ++i) {
      const auto late = random() % 4 == 0 ? minutes(random() % 60) : minutes(0);
      window.add(slot(static_cast<int>(random() % 8)),
                 {kNoon + minutes(5 * round) + milliseconds(150 * i) - late, 20.0});
    }
    window.take(taken);
    window.settle(random() % 5 != 0, minutes(20), kTimestampMax - kTick);
    const std::size_t leaves_at_most = 2 + window.count() / (limits::kLeafReadingsMin / 4) + 64;
    ASSERT_GE(window.bytes(), window.count() * sizeof(Entry) + sizeof(Window)) << round;
    ASSERT_LE(window.bytes(), empty + window.count() * sizeof(Entry) * 9 / 8 +
                                  leaves_at_most * (sizeof(Leaf) + 32 * sizeof(Entry)) + 1'024)
        << round;
  }
  window.add(slot(0), {kNoon + minutes(10'000), 20.0});
  window.take(taken);
  window.settle(true, minutes(20), kTimestampMax - kTick);
  EXPECT_LE(window.bytes(), empty + 1'024);
}

// The same by brute force: every reading in a map, every question a walk over all of them.
struct BruteForce {
  std::map<std::pair<std::uint16_t, Timestamp>, double> readings;

  void expect_same(const Window& window, Timestamp after, Timestamp upto) const {
    summary::Tally want;
    std::set<std::uint16_t> sensors;
    for (const auto& [key, value] : readings) {
      if (key.second <= after || key.second > upto) continue;
      want.add({key.second, value});
      sensors.insert(key.first);
    }
    const summary::Tally got = over(window, after, upto);
    ASSERT_EQ(got.count, want.count);
    ASSERT_EQ(window.sensors(after, upto), sensors.size());
    if (want.count == 0) return;
    ASSERT_EQ(got.sum.mean(got.count), want.sum.mean(want.count));
    ASSERT_EQ(got.min, want.min);
    ASSERT_EQ(got.max, want.max);
    ASSERT_EQ(got.first, want.first);
    ASSERT_EQ(got.last, want.last);
  }

  // The newest at or before a moment, as far as the window must know it.
  void expect_same_last(const Window& window, Timestamp at, std::optional<Slot> its_slot) const {
    std::optional<Timestamp> want;
    for (const auto& [key, value] : readings) {
      if (key.second > at || key.second < window.floor() || (its_slot && key.first != its_slot->value())) continue;
      want = std::max(want.value_or(kTimestampMin), key.second);
    }
    const auto got = window.last_at(at, its_slot);
    if (!want) {
      ASSERT_TRUE(!got || got->timestamp < window.floor());
      return;
    }
    ASSERT_TRUE(got);
    ASSERT_EQ(got->timestamp, *want);
    ASSERT_TRUE(std::ranges::any_of(
        readings, [&](const auto& each) { return each.first.second == *want && each.second == got->value; }));
  }

  void expect_same_fold(const Window& window, const summary::Steps& steps, std::optional<Slot> its_slot) const {
    std::vector<summary::Summary> want(steps.count());
    for (const auto& [key, value] : readings) {
      if (!steps.covers(key.second) || key.second < window.floor() || (its_slot && key.first != its_slot->value())) {
        continue;
      }
      want[steps.index(key.second)].add(Sample{key.second, value});
    }
    std::vector<summary::Summary> got(steps.count());
    for (std::size_t done = 0; done < got.size();) {
      const std::size_t whole = window.fold(steps.part(done, got.size()), its_slot, std::span(got).subspan(done));
      ASSERT_GT(whole, 0U);
      done += whole;
    }
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(got[i].count, want[i].count);
      if (want[i].count == 0) continue;
      ASSERT_EQ(got[i].sum.mean(got[i].count), want[i].sum.mean(want[i].count));
      ASSERT_EQ(got[i].min, want[i].min);
      ASSERT_EQ(got[i].max, want[i].max);
      ASSERT_EQ(got[i].first, want[i].first);
      ASSERT_EQ(got[i].last, want[i].last);
      ASSERT_EQ(got[i].first_value, want[i].first_value);
      ASSERT_EQ(got[i].last_value, want[i].last_value);
    }
  }
};

// While a window is folded it is locked: that ends after a while, at the end of a stretch.
TEST(Window, folds_a_loud_room_in_parts) {
  Window window;
  BruteForce all;
  for (int i = 0; i < 60; ++i) {
    for (int sensor = 0; sensor < 2000; ++sensor) {
      const Sample sample{kNoon + seconds(i) + milliseconds(sensor % 7), static_cast<double>(i % 9) + sensor};
      all.readings[{static_cast<std::uint16_t>(sensor), sample.timestamp}] = sample.value;
      window.add(slot(sensor), sample);
    }
  }
  const summary::Steps steps{kNoon, kNoon + seconds(60), milliseconds(500)};
  std::vector<summary::Summary> summaries(steps.count());
  const std::size_t whole = window.fold(steps, std::nullopt, summaries);
  EXPECT_GE(whole, 2 * limits::kTakenAtOnce / 2000);
  EXPECT_LT(whole, steps.count());
  EXPECT_EQ(summaries[whole - 2].count, 2000U);
  EXPECT_EQ(summaries[whole].count, 0U) << "a stretch is whole or not begun";
  all.expect_same_fold(window, steps, std::nullopt);
  // One stretch is never cut; most of its leaves are not read through.
  EXPECT_EQ(window.fold(summary::Steps::whole(kNoon, kNoon + seconds(60)), std::nullopt, summaries), 1U);
  all.expect_same_fold(window, summary::Steps::whole(kNoon, kNoon + seconds(60)), std::nullopt);
}

TEST(Window, marks_who_has_a_reading_in_a_stretch) {
  Window window;
  window.add(slot(0), {kNoon, 20.0});
  window.add(slot(0), {kNoon + minutes(20), 21.0});
  window.add(slot(1), {kNoon + minutes(20), 21.0});
  window.add(slot(2), {kNoon - minutes(20), 21.0});
  window.add(slot(3), {kNoon, 21.0});
  std::vector<bool> seen(3);
  window.mark_sensors(kNoon - minutes(1), kNoon, seen);
  EXPECT_EQ(seen, (std::vector<bool>{true, false, false})) << "and no more than was asked for";
}

TEST(Window, finds_what_came_newest_first_while_a_flush_is_under_way) {
  Window window;
  std::map<std::pair<int, Timestamp>, double> left;
  const auto add = [&](int sensor, Timestamp moment, double value) {
    window.add(slot(sensor), {moment, value});
    left.emplace(std::pair(sensor, moment), value);
  };
  std::vector<SlotSample> taken;
  for (int i = 1000; i-- > 0;) {
    for (const int sensor : {2, 0, 1}) add(sensor, kNoon + seconds(i), 20 + sensor);
    if (i == 970) {
      ASSERT_TRUE(window.take(taken, 50));  // what follows must not get between these
    }
    const summary::Tally part = over(window, kNoon + milliseconds(i * 1000 - 1), kNoon + seconds(i + 10));
    const auto seconds_in = std::min(11, 1000 - i);
    ASSERT_EQ(part.count, 3U * static_cast<unsigned>(seconds_in));
    ASSERT_EQ(part.sum.mean(part.count), 21.0);
    ASSERT_EQ(part.first, kNoon + seconds(i));
    ASSERT_EQ(window.find(slot(1), kNoon + seconds(i)), 21.0);
    ASSERT_EQ(window.find(slot(3), kNoon + seconds(i)), std::nullopt);
  }
  EXPECT_EQ(taken.size(), 50U);
  window.settle(true, minutes(60), kTimestampMax - kTick);
  window.take(taken);
  window.settle(true, minutes(60), kTimestampMax - kTick);
  EXPECT_EQ(over(window, kNoon + seconds(499), kNoon + seconds(599)).count, 300U);
  for (const auto& [its_slot, sample] : taken) {
    const auto at = left.find({its_slot.value(), sample.timestamp});
    ASSERT_NE(at, left.end()) << "taken twice, or never added";
    EXPECT_EQ(at->second, sample.value);
    left.erase(at);
  }
  EXPECT_TRUE(left.empty());
}

TEST(Window, answers_the_same_question_again_as_readings_come) {
  std::mt19937 random(7);
  Window window;
  BruteForce all;
  const auto add = [&](int sensor, Timestamp moment, double value) {
    if (moment < window.floor() ||
        !all.readings.emplace(std::pair(static_cast<std::uint16_t>(sensor), moment), value).second)
      return;
    window.add(slot(sensor), {moment, value});
  };
  for (int second = 0; second < 3000; ++second) {
    const Timestamp now = kNoon + seconds(second);
    for (int sensor = 0; sensor < 3; ++sensor) add(sensor, now, 20 + static_cast<double>(random() % 400) / 100);
    if (second % 7 == 0) add(3, now - milliseconds(random() % 900'000), second % 5 == 0 ? 1e12 : -5.25);  // late
    if (second % 1000 == 999) {
      for (int i = 0; i < 300; ++i) add(4, now - minutes(10) - milliseconds(i), 19.5);  // and a leaf is split
    }
    if (second % 1500 == 1499) {
      // Of other leaves at the same places before and after.
      all.expect_same(window, std::max(window.floor(), kNoon) - milliseconds(1), now - minutes(15));
      std::vector<SlotSample> taken;
      window.take(taken);
      window.settle(true, minutes(20), kTimestampMax - kTick);
      all.expect_same(window, window.floor() - milliseconds(1), now);
    }
    if (second % 4 == 0) all.expect_same(window, now - minutes(15), now);
    if (second % 50 == 0) all.expect_same(window, now - minutes(12), now - minutes(2));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Window, finds_the_end_of_as_many_readings_as_asked_for) {
  Window window;
  for (int i = 0; i < 20'000; ++i) window.add(slot(i % 3), {kNoon + milliseconds(i), 20.0});
  for (const std::size_t readings : {std::size_t{1}, std::size_t{500}, std::size_t{19'000}}) {
    const Timestamp end = window.end_of(readings, kNoon + seconds(1), kNoon + minutes(1));
    const std::uint64_t found = over(window, kNoon + milliseconds(999), end - milliseconds(1)).count;
    EXPECT_GE(found, readings);
    EXPECT_LE(found, readings + 3 * limits::kLeafReadingsMin + 200) << "two leaves more at most";
  }
  EXPECT_EQ(window.end_of(20'000, kNoon + seconds(1), kNoon + minutes(1)), kNoon + minutes(1))
      << "there are not so many";
  EXPECT_EQ(window.end_of(5'000, kNoon, kNoon + milliseconds(100)), kNoon + milliseconds(100));
}

// One random life of a window: rising, jittered, late, clustered and far readings, flushes in between.
void live_through(std::uint32_t seed, int operations) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](std::int64_t bound) { return static_cast<std::int64_t>(random() % bound); };
  const int sensors = 1 + static_cast<int>(below(seed % 4 == 0 ? 300 : 5));
  Window window;
  BruteForce all;
  Timestamp now = kNoon;
  Timestamp floor = kTimestampMin;
  for (int i = 0; i < operations; ++i) {
    const auto kind = below(100);
    if (kind < 80) {
      now += milliseconds(below(4) == 0 ? below(2000) : below(20));
      Timestamp moment = now;
      if (kind < 8) moment = now - milliseconds(below(30 * 60 * 1000));
      if (kind == 8) moment = std::chrono::floor<minutes>(now) - milliseconds(below(3) - 1);
      if (kind == 9) moment = now - std::chrono::days(below(200));
      if (kind == 10 && seed % 3 == 0) moment = now + milliseconds(below(10 * 60 * 1000));  // a sensor that is ahead
      const auto sensor = static_cast<std::uint16_t>(below(sensors));
      if (moment < floor || !all.readings.emplace(std::pair(sensor, moment), 0).second) continue;
      const double value = below(50) == 0 ? 1e12 + static_cast<double>(i) : static_cast<double>(below(4000)) / 100;
      all.readings[{sensor, moment}] = value;
      window.add(Slot(sensor), {moment, value});
      ASSERT_EQ(window.find(Slot(sensor), moment), value);
    } else if (kind < 99) {
      const Timestamp upto = now - milliseconds(below(3) == 0 ? 0 : below(40 * 60 * 1000));
      const Duration width = milliseconds(1 + below(below(2) == 0 ? 5000 : 24 * 3600 * 1000));
      all.expect_same(window, std::max(upto - width, floor == kTimestampMin ? floor : floor - milliseconds(1)), upto);
      if (::testing::Test::HasFatalFailure()) return;
      const Timestamp from = upto - width;
      const Duration step = std::max(width / (1 + below(30)), Duration(1));
      all.expect_same_fold(window, {from, upto, step},
                           below(3) == 0 ? std::optional(slot(static_cast<int>(below(sensors)))) : std::nullopt);
      if (::testing::Test::HasFatalFailure()) return;
      all.expect_same_last(window, upto,
                           below(2) == 0 ? std::optional(slot(static_cast<int>(below(sensors)))) : std::nullopt);
      if (::testing::Test::HasFatalFailure()) return;
    } else if (seed % 2 == 0) {
      std::vector<SlotSample> taken;
      window.take(taken);
      window.settle(below(4) != 0, minutes(20), now);
      ASSERT_GE(window.floor(), floor);
      ASSERT_LE(window.floor(), now) << "of a sensor that is ahead nobody else suffers";
      floor = window.floor();
    }
  }
}

TEST(Window, equals_brute_force_over_random_lives) {
  const char* more = std::getenv("PROPERTY_OPERATIONS");
  const int operations = more == nullptr ? 20'000 : std::atoi(more);
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    live_through(seed, operations / 8);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace temperature::window
