#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "history/chunk.h"

// What the tests of chunks share.
namespace temperature::history {

inline constexpr std::int64_t kNoonMs = 1'700'000'000'000;
inline constexpr std::int64_t kSecondMs = 1'000;
inline constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr std::int64_t kHourMs = 60 * kMinuteMs;

inline std::vector<Sample> every(std::int64_t step_ms, const std::vector<double>& values) {
  std::vector<Sample> samples;
  for (const double value : values) {
    samples.push_back({timestamp_from_ms(kNoonMs + step_ms * static_cast<std::int64_t>(samples.size())), value});
  }
  return samples;
}

// Hundredths of a degree that wander: of 40 steps 16 are 0, 9 and 9 are +-0.01, 3 and 3 are +-0.02.
inline std::vector<double> drift(std::size_t count, std::uint32_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<double> values;
  std::int64_t hundredths = 2150;
  while (values.size() < count) {
    values.push_back(static_cast<double>(hundredths) / 100);
    const std::uint64_t of_40 = random() % 40;
    const std::int64_t size = of_40 < 16 ? 0 : of_40 < 34 ? 1 : 2;
    hundredths += of_40 % 2 == 0 ? size : -size;
  }
  return values;
}

inline std::string chunk_of(const std::vector<Sample>& samples) {
  std::string chunk;
  append_chunk(chunk, samples);
  return chunk;
}

// Timestamps and the bits of the values: NaN equals itself, -0 is not 0.
inline std::vector<std::pair<Timestamp, std::uint64_t>> bits(std::span<const Sample> samples) {
  std::vector<std::pair<Timestamp, std::uint64_t>> all;
  for (const auto& [timestamp, value] : samples) all.emplace_back(timestamp, std::bit_cast<std::uint64_t>(value));
  return all;
}

inline void expect_same(const summary::Summary& got, const summary::Summary& want) {
  EXPECT_EQ(got.count, want.count);
  EXPECT_EQ(got.first, want.first);
  EXPECT_EQ(got.last, want.last);
  EXPECT_TRUE(got.sum.fixed() == want.sum.fixed());
  EXPECT_EQ(got.sum.mean(got.count), want.sum.mean(want.count));
  EXPECT_EQ(got.min, want.min);
  EXPECT_EQ(got.max, want.max);
  EXPECT_EQ(got.first_value, want.first_value);
  EXPECT_EQ(got.last_value, want.last_value);
}

// Whether units of 2^-72 hold all these values, so that a frame of them is summarized.
inline bool summable(std::span<const Sample> samples) {
  summary::int128 fixed = 0;
  return std::ranges::all_of(samples, [&](const Sample& sample) { return summary::to_fixed(sample.value, fixed); });
}

// The frames against a walk over all samples: in order, apart, no sample left out.
inline void expect_frames(const ChunkView& chunk, std::span<const Sample> samples) {
  std::size_t frames = 0;
  std::size_t at = 0;
  summary::Summary all;
  Timestamp before = kTimestampMin;
  chunk.for_each_frame([&](const Frame& frame) {
    SCOPED_TRACE("frame " + std::to_string(frames++));
    EXPECT_LE(before, frame.from);
    before = frame.to;
    const std::size_t begin = at;
    summary::Summary want;
    for (; at < samples.size() && (samples[at].timestamp < frame.to || frame.to == kTimestampMax); ++at) {
      EXPECT_GE(samples[at].timestamp, frame.from);
      want.add(samples[at]);
    }
    EXPECT_EQ(frame.summary.count, at - begin);
    EXPECT_EQ(frame.summary.first, samples[begin].timestamp);
    EXPECT_EQ(frame.summary.last, samples[at - 1].timestamp);
    ASSERT_EQ(frame.summarized, summable(samples.subspan(begin, at - begin)));
    if (frame.summarized) expect_same(frame.summary, want);
    all.add(want);
  });
  EXPECT_EQ(at, samples.size());
  EXPECT_EQ(frames, chunk.frame_count());
  const auto summary = chunk.summary();
  ASSERT_EQ(summary.has_value(), summable(samples));
  if (summary) expect_same(*summary, all);
}

inline void expect_kept(const std::vector<Sample>& samples) {
  const std::string chunk = chunk_of(samples);
  std::string_view rest = chunk;
  const auto view = ChunkView::take(rest);
  ASSERT_TRUE(view) << view.error().detail;
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(view->bytes(), chunk);
  EXPECT_EQ(view->count(), samples.size());
  EXPECT_EQ(view->first(), samples.front().timestamp);
  EXPECT_EQ(view->last(), samples.back().timestamp);
  std::vector<Sample> back;
  const auto decoded = view->decode(back);
  ASSERT_TRUE(decoded) << decoded.error().detail;
  ASSERT_EQ(bits(back), bits(samples));
  expect_frames(*view, samples);
}

}  // namespace temperature::history
