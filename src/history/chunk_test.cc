#include "history/chunk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "base/time.h"
#include "history/chunk_for_test.h"
#include "history/chunk_limits.h"

namespace temperature::history {
namespace {

using Limits = std::numeric_limits<double>;

// A chunk of `count` values, made from a running number and chance.
std::vector<double> values(std::size_t count, const std::function<double(std::size_t, std::uint64_t)>& value) {
  std::mt19937_64 random(7);
  std::vector<double> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(value(i, random()));
  return made;
}

double degrees(std::uint64_t chance) {
  return static_cast<double>(static_cast<std::int64_t>(chance % 14'600) - 8'800) / 100;
}

struct ValueKind {
  const char* what;
  std::function<double(std::size_t, std::uint64_t)> value;
};
const std::vector<ValueKind> kValueKinds{
    {"always the same", [](std::size_t, std::uint64_t) { return 21.5; }},
    {"one change", [](std::size_t i, std::uint64_t) { return i < 250 ? 21.5 : 21.6; }},
    {"a switch", [](std::size_t i, std::uint64_t) { return i / 40 % 2 == 0 ? 0.0 : 1.0; }},
    {"whole numbers", [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 2'000); }},
    {"negative whole numbers", [](std::size_t, std::uint64_t chance) { return -static_cast<double>(chance % 2'000); }},
    {"degrees of two decimals", [](std::size_t, std::uint64_t chance) { return degrees(chance); }},
    {"a rising ramp", [](std::size_t i, std::uint64_t) { return 15 + static_cast<double>(i) / 100; }},
    {"sixteenths of a degree",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 640) / 16; }},
    {"seven decimals",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 1'000'000'000) / 1e7; }},
    {"ten decimals",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 100'000'000'000) / 1e10; }},
    {"ten decimals far apart",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 2'000'000'000'000'000) / 1e10; }},
    {"ten decimals of a large number",
     [](std::size_t, std::uint64_t chance) { return 200'000 + static_cast<double>(chance % 10'000'000'000) / 1e10; }},
    {"percentages as fractions",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 1'001) / 10 / 100; }},
    {"a register times 0.1",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 4'096) * 0.1; }},
    {"a register times 0.01",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 4'096) * 0.01; }},
    {"single precision",
     [](std::size_t, std::uint64_t chance) { return static_cast<double>(static_cast<float>(degrees(chance))); }},
    {"a sine", [](std::size_t i, std::uint64_t) { return 20 + std::sin(static_cast<double>(i) / 50); }},
    {"pressure in pascal",
     [](std::size_t, std::uint64_t chance) { return 100'000 + static_cast<double>(chance % 20'000) / 10; }},
    {"a counter of watt hours beyond 2^32", [](std::size_t i, std::uint64_t) { return 5e12 + static_cast<double>(i); }},
    {"a counter beyond 2^53", [](std::size_t i, std::uint64_t) { return 0x1p60 + static_cast<double>(i) * 256; }},
    {"tiny ones", [](std::size_t, std::uint64_t chance) { return static_cast<double>(chance % 100) * 1e-9; }},
    {"subnormal ones", [](std::size_t, std::uint64_t chance) { return std::bit_cast<double>(chance >> 12U); }},
    {"negative zeros among zeros", [](std::size_t, std::uint64_t chance) { return chance % 2 == 0 ? 0.0 : -0.0; }},
    {"infinities", [](std::size_t i, std::uint64_t) { return i % 2 == 0 ? Limits::infinity() : -Limits::infinity(); }},
    {"any bits", [](std::size_t, std::uint64_t chance) { return std::bit_cast<double>(chance); }},
    {"a NaN with a payload among degrees",
     [](std::size_t i, std::uint64_t chance) {
       return i == 3 ? std::bit_cast<double>(0x7ff8'0000'dead'beefU) : degrees(chance);
     }},
    {"a signalling NaN first",
     [](std::size_t i, std::uint64_t chance) {
       return i == 0 ? std::bit_cast<double>(0x7ff0'0000'0000'0001U) : degrees(chance);
     }},
    {"an odd double among degrees",
     [](std::size_t i, std::uint64_t chance) { return i == 2 ? 1.0 / 3 : degrees(chance); }},
    {"a huge one among degrees", [](std::size_t i, std::uint64_t chance) { return i == 1 ? 1e300 : degrees(chance); }},
    {"odd doubles one in 20",
     [](std::size_t i, std::uint64_t chance) { return i % 20 == 0 ? 1.0 / 3 : degrees(chance); }},
    {"half of them odd",
     [](std::size_t i, std::uint64_t chance) { return i % 2 == 0 ? std::sqrt(2) : degrees(chance); }},
};

TEST(Chunk, keeps_every_kind_of_value_to_the_bit) {
  for (const auto& [what, value] : kValueKinds) {
    for (const std::size_t count : {1, 2, 3, 4, 5, 20, 100, 1'000, 5'000}) {
      SCOPED_TRACE(std::string(what) + ", " + std::to_string(count) + " readings");
      expect_kept(every(kSecondMs, values(count, value)));
      ASSERT_FALSE(HasFailure());
    }
  }
}

struct Clock {
  const char* what;
  std::function<std::int64_t(std::int64_t, std::uint64_t)> ms;  // of a running number and chance
};
const std::vector<Clock> kClocks{
    {"once a second", [](std::int64_t i, std::uint64_t) { return i * kSecondMs; }},
    {"once a millisecond", [](std::int64_t i, std::uint64_t) { return i; }},
    {"once an hour", [](std::int64_t i, std::uint64_t) { return i * kHourMs; }},
    {"jitter of 10 ms",
     [](std::int64_t i, std::uint64_t chance) { return i * kSecondMs + static_cast<std::int64_t>(chance % 21) - 10; }},
    {"jitter of 400 ms",
     [](std::int64_t i, std::uint64_t chance) {
       return i * kSecondMs + static_cast<std::int64_t>(chance % 801) - 400;
     }},
    {"a clock that drifts, and jitter",
     [](std::int64_t i, std::uint64_t chance) {
       return i * 1'000'037 / 1'000 + static_cast<std::int64_t>(chance % 5);
     }},
    {"one in 20 missing", [](std::int64_t i, std::uint64_t) { return i * 20 / 19 * kMinuteMs; }},
    {"two hours missing", [](std::int64_t i, std::uint64_t) { return i * kMinuteMs + (i > 200 ? 2 * kHourMs : 0); }},
    {"half a year missing",
     [](std::int64_t i, std::uint64_t) { return i * kMinuteMs + (i > 700 ? 4'380 * kHourMs : 0); }},
    {"a new step half way",
     [](std::int64_t i, std::uint64_t) {
       return i < 400 ? i * kSecondMs : 400 * kSecondMs + (i - 400) * 10 * kSecondMs;
     }},
    {"steps that grow", [](std::int64_t i, std::uint64_t) { return i * (i + 1) / 2; }},
    {"bursts", [](std::int64_t i, std::uint64_t) { return i / 50 * kHourMs + i % 50 * 20; }},
    {"whole minutes, give or take one",
     [](std::int64_t i, std::uint64_t chance) { return (i * 10 + static_cast<std::int64_t>(chance % 3)) * kMinuteMs; }},
};

TEST(Chunk, keeps_every_kind_of_clock) {
  for (const auto& [what, ms] : kClocks) {
    for (const std::size_t count : {2, 3, 16, 17, 257, 1'000, 6'000}) {
      for (const std::int64_t begin_ms : {kNoonMs, std::int64_t{-1'234'567'890}}) {
        SCOPED_TRACE(std::string(what) + ", " + std::to_string(count) + " readings");
        auto samples = every(0, drift(count));
        std::mt19937_64 random(11);
        for (std::size_t i = 0; i < count; ++i) {
          samples[i].timestamp = timestamp_from_ms(begin_ms + ms(static_cast<std::int64_t>(i), random()));
        }
        expect_kept(samples);
        ASSERT_FALSE(HasFailure());
      }
    }
  }
}

TEST(Chunk, keeps_any_moment) {
  const auto at = [](std::int64_t ms) { return Sample{timestamp_from_ms(ms), 1.5}; };
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t ms : {kMin, kMin + 1, std::int64_t{-1}, std::int64_t{0}, kNoonMs, kMax})
    expect_kept({at(ms)});
  expect_kept({at(kMin), at(kMax)});
  expect_kept({at(kMin), at(kMin + 1), at(-1), at(0), at(1), at(kMax - 1), at(kMax)});
  expect_kept({at(-5), at(kMax)});
  std::vector<Sample> many;
  for (std::int64_t i = 0; i < 600; ++i) many.push_back(at(kMin + i));
  expect_kept(many);
  many.push_back(at(kMax));
  expect_kept(many);
  for (Sample& sample : many) sample.timestamp = timestamp_from_ms(kMax - (&many.back() - &sample));
  expect_kept(many);
}

TEST(Chunk, keeps_as_many_readings_as_it_may_have) {
  for (const std::size_t count : {limits::kChunkReadingsMax - 1, limits::kChunkReadingsMax}) {
    expect_kept(every(kSecondMs, drift(count)));
    expect_kept(
        every(kSecondMs, values(count, [](std::size_t, std::uint64_t bits) { return std::bit_cast<double>(bits); })));
  }
  EXPECT_DEATH(chunk_of(every(kSecondMs, drift(limits::kChunkReadingsMax + 1))), "CHECK failed");
  EXPECT_DEATH(chunk_of({}), "CHECK failed");
}

TEST(Chunk, is_taken_off_the_front_of_others) {
  std::string bytes;
  append_chunk(bytes, every(kSecondMs, drift(3)));
  append_chunk(bytes, every(kMinuteMs, drift(900)));
  append_chunk(bytes, every(kHourMs, {21.5}));
  std::string_view rest = bytes;
  std::vector<Sample> all;
  std::string copied;
  for (const std::size_t count : {3, 900, 1}) {
    const auto chunk = ChunkView::take(rest);
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->count(), count);
    ASSERT_TRUE(chunk->decode(all));
    copied += chunk->bytes();
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(all.size(), 904U);
  EXPECT_EQ(copied, bytes);
  EXPECT_EQ(ChunkView::take(rest).error().code, ErrorCode::history_failed);
}

TEST(ChunkFrames, are_as_long_as_suits_the_sensor) {
  struct Case {
    std::int64_t step_ms;
    std::size_t count;
    std::int64_t frame_ms;  // 0: one frame, from the first to the last reading
  };
  for (const auto& [step_ms, count, frame_ms] :
       {Case{kSecondMs, 256, 0}, Case{kSecondMs, 5'000, 5 * kMinuteMs}, Case{100, 5'000, kMinuteMs}, Case{1, 16'000, 0},
        Case{749, 5'000, kMinuteMs}, Case{750, 5'000, 5 * kMinuteMs}, Case{10 * kSecondMs, 5'000, kHourMs},
        Case{30 * kSecondMs, 5'000, kHourMs}, Case{kMinuteMs, 5'000, 6 * kHourMs},
        Case{5 * kMinuteMs, 5'000, 24 * kHourMs}, Case{kHourMs, 5'000, 7 * 24 * kHourMs}}) {
    SCOPED_TRACE(step_ms);
    const std::string bytes = chunk_of(every(step_ms, drift(count)));
    std::string_view rest = bytes;
    const auto chunk = ChunkView::take(rest);
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->frame_count() == 1, frame_ms == 0);
    chunk->for_each_frame([&](const Frame& frame) {
      if (frame_ms == 0) {
        EXPECT_EQ(frame.from, chunk->first());
        EXPECT_EQ(frame.to, chunk->last() + Duration(1));
      } else {
        EXPECT_EQ(to_ms(frame.from) % frame_ms, 0);
        EXPECT_EQ(frame.to - frame.from, Duration(frame_ms));
      }
    });
  }
}

TEST(ChunkFrames, without_readings_are_left_out) {
  auto samples = every(kMinuteMs, drift(1'000));
  for (std::size_t i = 500; i < samples.size(); ++i) samples[i].timestamp += Duration(90 * 24 * kHourMs);
  const std::string bytes = chunk_of(samples);
  std::string_view rest = bytes;
  const auto chunk = ChunkView::take(rest);
  ASSERT_TRUE(chunk);
  EXPECT_LE(chunk->frame_count(), 4U);
  expect_frames(*chunk, samples);
}

TEST(ChunkFrames, that_cannot_be_summarized_do_not_keep_others_from_it) {
  auto samples = every(kSecondMs, drift(4'000));
  samples[1'000].value = Limits::quiet_NaN();
  samples[3'000].value = 1.0 / 3;
  const std::string bytes = chunk_of(samples);
  std::string_view rest = bytes;
  const auto chunk = ChunkView::take(rest);
  ASSERT_TRUE(chunk);
  std::size_t summarized = 0;
  chunk->for_each_frame([&](const Frame& frame) { summarized += frame.summarized ? 1 : 0; });
  EXPECT_EQ(summarized, chunk->frame_count() - 1);
  expect_frames(*chunk, samples);
}

}  // namespace
}  // namespace temperature::history
