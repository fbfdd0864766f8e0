#include "history/block.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "base/limits.h"
#include "history/day_merge.h"
#include "history/keys.h"

namespace temperature::history {
namespace {

constexpr std::int64_t kNoonMs = 1'700'000'000'000;

// Timestamps and the bits of the values: NaN equals itself, -0 is not 0.
std::vector<std::pair<Timestamp, std::uint64_t>> bits(std::span<const Sample> samples) {
  std::vector<std::pair<Timestamp, std::uint64_t>> all;
  for (const auto& [timestamp, value] : samples) all.emplace_back(timestamp, std::bit_cast<std::uint64_t>(value));
  return all;
}

void expect_kept(const std::vector<Sample>& samples) {
  const std::string block = encode_block(samples);
  std::vector<Sample> back;
  const auto decoded = decode_block(block, back);
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(bits(back), bits(samples));
  const auto header = read_block_header(block);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->count, samples.size());
  EXPECT_EQ(header->first, samples.front().timestamp);
  EXPECT_EQ(header->last, samples.back().timestamp);
}

std::vector<Sample> one_a_second(const std::vector<double>& values) {
  std::vector<Sample> samples;
  for (const double value : values) {
    samples.push_back({timestamp_from_ms(kNoonMs + 1000 * static_cast<std::int64_t>(samples.size())), value});
  }
  return samples;
}

TEST(Block, keeps_temperatures) {
  expect_kept(one_a_second({21.5, 21.51, 21.49, -3.25, 0, 58, -88}));
}

TEST(Block, keeps_every_number_of_samples_that_a_block_may_have) {
  std::vector<Sample> samples;
  std::mt19937_64 random(1);
  for (std::size_t count = 1; count <= limits::kBlockReadingsMax; ++count) {
    const double degrees = static_cast<double>(static_cast<std::int64_t>(random() % 4000) - 2000) / 100;
    const std::int64_t ms =
        samples.empty() ? kNoonMs : to_ms(samples.back().timestamp) + 1 + static_cast<std::int64_t>(random() % 5000);
    samples.push_back({timestamp_from_ms(ms), degrees});
    if (count < 200 || count % 97 == 0 || count == limits::kBlockReadingsMax) expect_kept(samples);
  }
}

TEST(Block, keeps_values_to_the_bit) {
  using Limits = std::numeric_limits<double>;
  const double payload = std::bit_cast<double>(std::uint64_t{0x7ff8'0000'dead'beef});
  const double signalling = std::bit_cast<double>(std::uint64_t{0x7ff0'0000'0000'0001});
  const std::vector<double> values{0.0,
                                   -0.0,
                                   payload,
                                   -payload,
                                   signalling,
                                   Limits::infinity(),
                                   -Limits::infinity(),
                                   Limits::denorm_min(),
                                   -Limits::denorm_min(),
                                   Limits::min(),
                                   Limits::max(),
                                   Limits::lowest(),
                                   0.1 + 0.2,
                                   9.0e15,
                                   9007199254740993.0,
                                   1e-6,
                                   1e-7,
                                   123456789.123456};
  for (const double value : values) expect_kept(one_a_second({value}));
  for (const double value : values) expect_kept(one_a_second({21.5, value, 21.25}));
  expect_kept(one_a_second(values));
}

TEST(Block, keeps_random_doubles_and_random_decimals) {
  const std::uint64_t seed = 42;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> values(1 + random() % 50);
    const double power = std::pow(10.0, static_cast<double>(random() % 8));
    const std::uint64_t kind = random() % 3;
    for (double& value : values) {
      const auto whole = static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000'000) - 1'000'000'000);
      value = kind == 0 || (kind == 1 && random() % 20 == 0) ? std::bit_cast<double>(random()) : whole / power;
    }
    expect_kept(one_a_second(values));
  }
}

TEST(Block, keeps_any_moment) {
  const auto at = [](std::int64_t ms) { return Sample{timestamp_from_ms(ms), 1.5}; };
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t ms : {kMin, kMin + 1, std::int64_t{-1}, std::int64_t{0}, kNoonMs, kMax})
    expect_kept({at(ms)});
  expect_kept({at(kMin), at(kMax)});
  expect_kept({at(kMin), at(kMin + 1), at(-1), at(0), at(1), at(kMax - 1), at(kMax)});
  expect_kept({at(-5), at(kMax)});
}

// A block's bytes for a reading each, beyond some 30 for its head.
double bytes_a_reading(const std::vector<Sample>& samples) {
  return (static_cast<double>(encode_block(samples).size()) - 32) / static_cast<double>(samples.size());
}

TEST(Block, of_a_steady_sensor_takes_two_bytes_a_reading) {
  // Once a second: the step does not change, 1 byte. Drift of at most 0.31 degrees: below 64 when zigzagged, 1 byte.
  std::mt19937_64 random(3);
  std::vector<double> values;
  std::int64_t hundredths = 2150;
  for (int i = 0; i < 3600; ++i) {
    values.push_back(static_cast<double>(hundredths) / 100);
    hundredths += static_cast<std::int64_t>(random() % 63) - 31;
  }
  EXPECT_LE(bytes_a_reading(one_a_second(values)), 2.0);
}

TEST(Block, of_a_sensor_with_a_restless_clock_takes_four_bytes_a_reading) {
  // The clock errs by up to 100 ms: the change of the step is within +-400 ms, 2 bytes. So is a drift of 80 degrees.
  std::mt19937_64 random(4);
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < 3600; ++i) {
    const auto error = static_cast<std::int64_t>(random() % 201) - 100;
    const double degrees = static_cast<double>(static_cast<std::int64_t>(random() % 8000) - 4000) / 100;
    samples.push_back({timestamp_from_ms(kNoonMs + i * 1000 + error), degrees});
  }
  EXPECT_LE(bytes_a_reading(samples), 4.0);
}

TEST(Block, is_refused_when_any_of_its_bits_is_wrong) {
  const std::string block = encode_block(one_a_second({21.5, 21.51, -0.0, 3}));
  for (std::size_t at = 0; at < block.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = block;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      std::vector<Sample> out;
      const auto decoded = decode_block(damaged, out);
      ASSERT_FALSE(decoded) << "bit " << bit << " of byte " << at;
      ASSERT_EQ(decoded.error().code, ErrorCode::history_failed);
      ASSERT_TRUE(out.empty());
    }
  }
}

TEST(Block, is_refused_at_any_other_length) {
  const std::string block = encode_block(one_a_second({21.5, 21.51, 21.52}));
  std::vector<Sample> out;
  for (std::size_t length = 0; length < block.size(); ++length) {
    ASSERT_FALSE(decode_block(std::string_view(block).substr(0, length), out)) << length;
  }
  EXPECT_FALSE(decode_block(block + '\0', out));
  EXPECT_TRUE(out.empty());
}

TEST(BlockKey, sorts_by_series_day_first_sample_and_flush) {
  std::vector<BlockKey> keys;
  for (const std::uint32_t series : {0U, 1U, 255U, 256U, UINT32_MAX}) {
    for (const std::int32_t day : {INT32_MIN, -1, 0, 1, 19'675, INT32_MAX}) {
      for (const std::int64_t first :
           {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}, kNoonMs}) {
        for (const std::uint64_t flush : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{256}}) {
          keys.push_back({SeriesId(series), day, timestamp_from_ms(first), flush});
        }
      }
    }
  }
  std::string before;
  for (const BlockKey& key : keys) {
    const std::string bytes = key.encode();
    EXPECT_EQ(bytes.size(), kBlockKeyBytes);
    EXPECT_LT(before, bytes);
    const auto back = BlockKey::decode(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->encode(), bytes);
    EXPECT_EQ(std::tuple(back->series, back->day, back->first, back->flush),
              std::tuple(key.series, key.day, key.first, key.flush));
    before = bytes;
  }
  EXPECT_FALSE(BlockKey::decode("too short"));
}

TEST(BlockKey, puts_midnight_into_the_day_that_it_begins) {
  constexpr std::int64_t kDay = 86'400'000;
  EXPECT_EQ(day_of(timestamp_from_ms(-1)), -1);
  EXPECT_EQ(day_of(timestamp_from_ms(-kDay)), -1);
  EXPECT_EQ(day_of(timestamp_from_ms(-kDay - 1)), -2);
  EXPECT_EQ(day_of(timestamp_from_ms(0)), 0);
  EXPECT_EQ(day_of(timestamp_from_ms(kDay - 1)), 0);
  EXPECT_EQ(day_of(timestamp_from_ms(kDay)), 1);
  EXPECT_EQ(day_of(kTimestampMax), INT32_MAX);
  EXPECT_EQ(day_of(kTimestampMin), INT32_MIN);
}

TEST(DayMerge, lets_the_earliest_flush_win_whatever_the_order_of_the_blocks) {
  const auto at = [](int second, double value) {
    return Sample{timestamp_from_ms(kNoonMs + second * std::int64_t{1000}), value};
  };
  std::vector<Sample> out{at(500, 1)};  // of another day: stays
  DayMerge merge(out);
  for (const Sample& sample : {at(1, 21), at(3, 23), at(5, 25)}) out.push_back(sample);
  merge.block_appended(/*flush=*/9);
  for (const Sample& sample : {at(2, 42), at(3, 43)}) out.push_back(sample);
  merge.block_appended(/*flush=*/4);
  out.push_back(at(5, 65));
  merge.block_appended(/*flush=*/10);
  merge.end_day();
  EXPECT_EQ(out, (std::vector<Sample>{at(500, 1), at(1, 21), at(2, 42), at(3, 43), at(5, 25)}));
  out.push_back(at(0, 7));  // the next day begins afresh
  merge.block_appended(1);
  merge.end_day();
  EXPECT_EQ(out.back(), at(0, 7));
}

}  // namespace
}  // namespace temperature::history
