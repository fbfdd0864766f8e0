#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "pipeline/life.h"

// The whole way against brute force. PROPERTY_OPERATIONS says how many operations in all, PROPERTY_SEED
// replays one seed.
namespace temperature::pipeline {
namespace {

int operations_in_all() {
  const char* given = std::getenv("PROPERTY_OPERATIONS");
  return given == nullptr ? 20'000 : std::max(1, std::atoi(given));
}

// One life for each seed, from 1 on; more operations are more lives, not longer ones, so that a seed alone
// replays a failure. Every so-manieth of them, so that several tests share them.
void live_all(int operations_of_all, int operations_of_a_life,
              const std::function<std::unique_ptr<Stores>()>& make_stores, std::uint32_t part = 0,
              std::uint32_t parts = 1) {
  std::uint32_t first = 1;
  auto last = static_cast<std::uint32_t>(std::max(1, operations_of_all / operations_of_a_life));
  if (const char* given = std::getenv("PROPERTY_SEED")) {
    first = last = static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
  }
  for (std::uint32_t seed = first; seed <= last; ++seed) {
    if (seed % parts != part) continue;
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "PROPERTY_SEED=" + std::to_string(seed));
    Life(make_stores(), seed).live(operations_of_a_life);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

constexpr std::uint32_t kParts = 4;

class PipelinePropertyInMemory : public ::testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Parts, PipelinePropertyInMemory, ::testing::Range(0U, kParts));

TEST_P(PipelinePropertyInMemory, equals_brute_force) {
  live_all(operations_in_all() * 23 / 25, 1'600, [] { return std::make_unique<MemoryStores>(); }, GetParam(), kParts);
}

TEST(PipelineProperty, equals_brute_force_on_disk) {
  live_all(operations_in_all() * 2 / 25, 400, make_rocks_stores);
}

// Values whose naive sums differ with the order of the summands.
std::vector<NamedReading> a_day_of_a_room(std::mt19937& random) {
  std::vector<NamedReading> readings;
  const Timestamp begin = FakeClock().now() - std::chrono::hours(24);
  for (int i = 0; i < 4000; ++i) {
    const double value = i % 97 == 0 ? 1e15 + i : i % 89 == 0 ? -1e15 : static_cast<double>(random() % 4000) / 100;
    readings.push_back({"main", "hall", "s" + std::to_string(i % 7), "charge",
                        begin + std::chrono::milliseconds(21'600 * i + static_cast<int>(random() % 7)), value});
  }
  return readings;
}

TEST(PipelineProperty, order_of_arrival_flushes_and_recovery_do_not_show) {
  std::mt19937 random(42);
  auto readings = a_day_of_a_room(random);
  std::vector<double> first_answers;
  for (int order = 0; order < 6; ++order) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "order " + std::to_string(order));
    if (order > 0) std::ranges::shuffle(readings, random);
    PipelineOptions options;
    if (order % 2 == 1) options.unflushed_readings_min = 500;
    WayUnderTest way(order < 4 ? std::make_unique<MemoryStores>() : make_rocks_stores(), options);
    way.start();
    BruteForce all;
    for (std::size_t at = 0; at < readings.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 200, readings.size() - at);
      const std::vector<NamedReading> batch(readings.begin() + static_cast<std::ptrdiff_t>(at),
                                            readings.begin() + static_cast<std::ptrdiff_t>(at + size));
      const auto outcome = way.write(batch);
      ASSERT_TRUE(outcome);
      ASSERT_EQ(outcome->accepted, size);
      for (const auto& reading : batch) all.write(reading);
      at += size;
    }
    std::vector<double> answers;
    const auto ask = [&] {
      for (const int window_minutes : {1, 15, 60, 333, 1440}) {
        for (const int minutes_ago : {0, 7, 700}) {
          const answer::AverageQuery query{"main",
                                           "hall",
                                           std::nullopt,
                                           "charge",
                                           std::chrono::minutes(window_minutes),
                                           way.clock().now() - std::chrono::minutes(minutes_ago)};
          const auto answer = way.reads().average(query);
          ASSERT_TRUE(answer);
          ASSERT_EQ(all.check(query, *answer), "");
          answers.push_back(answer->value);
        }
      }
    };
    ask();
    way.crash();
    way.start();
    ask();
    ASSERT_TRUE(way.pipeline().flush());
    ask();
    way.close();
    way.start();
    ask();
    if (first_answers.empty()) first_answers = answers;
    ASSERT_EQ(answers, first_answers);
  }
}

}  // namespace
}  // namespace temperature::pipeline
