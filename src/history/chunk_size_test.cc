#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/time.h"
#include "history/chunk.h"
#include "history/chunk_for_test.h"
#include "history/chunk_limits.h"

// How small chunks are, as upper bounds from what the readings have to say: their entropy.
namespace temperature::history {
namespace {

double bytes_a_reading(const std::vector<Sample>& samples) {
  return static_cast<double>(chunk_of(samples).size()) / static_cast<double>(samples.size());
}

// Shannon's entropy in bytes of one of several events, given how often each occurs.
double entropy_bytes(const std::vector<double>& shares) {
  double all = 0;
  for (const double share : shares) all += share;
  double bits = 0;
  for (const double share : shares) bits -= share / all * std::log2(share / all);
  return bits / 8;
}

const double kDriftBytes = entropy_bytes({16, 9, 9, 3, 3});  // see drift()

TEST(ChunkSize, of_a_steady_sensor_is_little_above_its_entropy) {
  ASSERT_GT(kDriftBytes, 0.24);
  EXPECT_LE(bytes_a_reading(every(kSecondMs, drift(1'000))), kDriftBytes + 0.11);
  EXPECT_LE(bytes_a_reading(every(kSecondMs, drift(14'400))), kDriftBytes + 0.03);
}

TEST(ChunkSize, of_a_restless_clock_is_little_above_its_entropy) {
  auto samples = every(kSecondMs, drift(14'400));
  std::mt19937_64 random(3);
  for (Sample& sample : samples) sample.timestamp += Duration(static_cast<std::int64_t>(random() % 21) - 10);
  const double jitter_bytes = entropy_bytes(std::vector<double>(21, 1));
  EXPECT_LE(bytes_a_reading(samples), kDriftBytes + jitter_bytes + 0.04);
}

// A crystal that is 50 ppm fast: the grid is not one of whole milliseconds.
TEST(ChunkSize, of_a_clock_that_drifts_is_that_of_one_that_does_not) {
  auto samples = every(kSecondMs, drift(14'400));
  std::mt19937_64 random(3);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].timestamp += Duration(static_cast<std::int64_t>(i / 20) + static_cast<std::int64_t>(random() % 21) - 10);
  }
  const double jitter_bytes = entropy_bytes(std::vector<double>(21, 1));
  EXPECT_LE(bytes_a_reading(samples), kDriftBytes + jitter_bytes + 0.05);
}

// Of 100 steps one is twice as long.
TEST(ChunkSize, of_missing_readings_is_little_above_their_entropy) {
  auto samples = every(kMinuteMs, drift(10'000));
  std::mt19937_64 random(5);
  Duration missed{0};
  for (Sample& sample : samples) {
    missed += Duration(random() % 100 == 0 ? kMinuteMs : 0);
    sample.timestamp += missed;
  }
  EXPECT_LE(bytes_a_reading(samples), kDriftBytes + entropy_bytes({1, 99}) + 0.045);
}

TEST(ChunkSize, of_values_that_do_not_change_is_next_to_nothing) {
  std::vector<double> values(limits::kChunkReadingsMax, 21.5);
  EXPECT_LE(chunk_of(every(kSecondMs, values)).size(), 130U);
  // Seven changes, of which each takes the place and the new value: 14 and 6 bits; and what frames say of them.
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += std::floor(static_cast<double>(i) / 2'100) / 10;
  EXPECT_LE(chunk_of(every(kSecondMs, values)).size(), 130U + 7 * 20);
}

TEST(ChunkSize, of_a_few_readings_is_below_thirty_bytes_and_their_own) {
  for (std::size_t count = 1; count <= 20; ++count) {
    SCOPED_TRACE(count);
    EXPECT_LE(chunk_of(every(kSecondMs, drift(count))).size(), 30 + count);
  }
}

TEST(ChunkSize, of_any_doubles_is_that_of_doubles) {
  std::mt19937_64 random(9);
  std::vector<double> values;
  while (values.size() < limits::kChunkReadingsMax) values.push_back(std::bit_cast<double>(random()));
  EXPECT_LE(bytes_a_reading(every(kSecondMs, values)), 8.01);
}

TEST(ChunkSize, of_single_precision_is_that_of_single_precision) {
  std::mt19937_64 random(9);
  std::vector<double> values;
  while (values.size() < 10'000)
    values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random()) & 0x4fff'ffffU));
  EXPECT_LE(bytes_a_reading(every(kSecondMs, values)), 4.1);
}

TEST(ChunkSize, of_an_analogue_register_does_not_depend_on_how_it_was_scaled) {
  std::vector<double> tenths;
  std::vector<double> products;
  std::vector<double> fractions;
  std::mt19937_64 random(13);
  for (int i = 0; i < 10'000; ++i) {
    const auto chance = static_cast<double>(random() % 1'000);
    tenths.push_back(chance / 10);
    products.push_back(chance * 0.1);
    fractions.push_back(chance / 10 / 100);
  }
  const double bytes = entropy_bytes(std::vector<double>(1'000, 1));
  EXPECT_LE(bytes_a_reading(every(kSecondMs, tenths)), bytes + 0.1);
  EXPECT_LE(bytes_a_reading(every(kSecondMs, products)), bytes + 0.1);
  EXPECT_LE(bytes_a_reading(every(kSecondMs, fractions)), bytes + 0.1);
}

}  // namespace
}  // namespace temperature::history
