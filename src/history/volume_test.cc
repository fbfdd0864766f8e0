#include "history/volume.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/time.h"
#include "history/chunk_for_test.h"
#include "history/chunk_limits.h"
#include "history/volume_for_test.h"

namespace temperature::history {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Volume volume_of(const std::vector<std::string>& pieces) {
  Volume volume;
  for (const std::string& piece : pieces) {
    std::string_view rest = piece;
    const auto added = volume.add(rest);
    EXPECT_TRUE(added) << added.error().detail;
    EXPECT_TRUE(rest.empty());
  }
  return volume;
}

std::vector<Sample> run_of(Timestamp from, Duration step, std::size_t count, double value) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back({from + step * static_cast<std::int64_t>(i), value});
  return samples;
}

TEST(Volume, is_empty_at_first) {
  Volume volume;
  EXPECT_TRUE(volume.empty());
  EXPECT_TRUE(volume.groups().empty());
  EXPECT_TRUE(read_all(volume).empty());
  EXPECT_EQ(*volume.last_at(kTimestampMax), std::nullopt);
  EXPECT_EQ(volume.find(kVolumeBegin, kVolumeBegin - hours(1), kVolumeBegin + hours(1))->gap_from,
            kVolumeBegin - hours(1));
}

TEST(Volume, has_its_samples_in_as_few_chunks_as_can_be) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin, seconds(2), limits::kChunkReadingsMax, 20));
  pieces.add(run_of(kVolumeBegin + hours(12), seconds(2), limits::kChunkReadingsMax + 1, 21));
  Volume volume = volume_of(pieces.pieces);
  ASSERT_EQ(volume.groups().size(), 3U);
  EXPECT_EQ(volume.groups()[1].count, limits::kChunkReadingsMax);
  EXPECT_EQ(volume.groups()[2].count, 1U);
  EXPECT_EQ(read_all(volume), pieces.samples());
}

TEST(Volume, keeps_what_the_older_piece_says) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin, seconds(10), 10, 1));
  pieces.add(run_of(kVolumeBegin, seconds(5), 20, 2));
  pieces.add(run_of(kVolumeBegin, seconds(1), 100, 3));
  Volume volume = volume_of(pieces.pieces);
  ASSERT_EQ(volume.groups().size(), 1U);
  EXPECT_EQ(volume.groups()[0].count, 130U) << "repeats included";
  const auto samples = read_all(volume);
  EXPECT_EQ(samples, pieces.samples());
  EXPECT_EQ(samples[0].value, 1);
  EXPECT_EQ(samples[5].value, 2);
  EXPECT_EQ(samples[1].value, 3);
  EXPECT_EQ(volume.find(kVolumeBegin + seconds(5), kTimestampMin, kTimestampMax)->value, 2);
}

TEST(Volume, knows_its_gaps) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin + hours(1), minutes(1), 10, 1));
  pieces.add(run_of(kVolumeBegin + hours(3), minutes(1), 10, 2));
  Volume volume = volume_of(pieces.pieces);
  const auto gap = [&volume](Timestamp at) {
    const auto found = volume.find(at, kVolumeBegin, kVolumeBegin + hours(24));
    EXPECT_TRUE(found && !found->value);
    return std::pair(found->gap_from, found->gap_to);
  };
  EXPECT_EQ(gap(kVolumeBegin), std::pair(kVolumeBegin, kVolumeBegin + hours(1)));
  EXPECT_EQ(gap(kVolumeBegin + hours(1) + kTick),
            std::pair(kVolumeBegin + hours(1) + kTick, kVolumeBegin + hours(1) + minutes(1)));
  EXPECT_EQ(gap(kVolumeBegin + hours(2)),
            std::pair(kVolumeBegin + hours(1) + minutes(9) + kTick, kVolumeBegin + hours(3)));
  EXPECT_EQ(gap(kVolumeBegin + hours(4)),
            std::pair(kVolumeBegin + hours(3) + minutes(9) + kTick, kVolumeBegin + hours(24)));
}

// A chunk of a month reaches over days that have volumes of their own.
TEST(Volume, says_nothing_of_what_lies_beyond_the_bounds_that_it_is_given) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin, hours(96), 2, 1));
  Volume volume = volume_of(pieces.pieces);
  ASSERT_EQ(volume.groups().size(), 1U);
  const auto found = volume.find(kVolumeBegin + hours(30), kVolumeBegin + hours(24), kVolumeBegin + hours(48));
  ASSERT_TRUE(found && !found->value);
  EXPECT_EQ(found->gap_from, kVolumeBegin + hours(24));
  EXPECT_EQ(found->gap_to, kVolumeBegin + hours(48));
}

TEST(Volume, answers_a_long_average_without_decoding) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin, seconds(1), 80'000, 20.25));
  Volume volume = volume_of(pieces.pieces);
  summary::Summary sum;
  const Steps day = Steps::whole(kVolumeBegin, kVolumeBegin + hours(24));
  ASSERT_TRUE(volume.fold(day, std::span(&sum, 1)));
  EXPECT_EQ(sum.count, 80'000U);
  EXPECT_EQ(sum.sum.mean(sum.count), 20.25);
  EXPECT_EQ(volume.decoded(), 0U);
  const Steps part = Steps::whole(kVolumeBegin + seconds(7), kVolumeBegin + hours(20));
  ASSERT_TRUE(volume.fold(part, std::span(&sum, 1)));
  EXPECT_EQ(sum.count, 80'000U + 20 * 3600 - 7);
  EXPECT_GT(volume.decoded(), 0U);
  EXPECT_LE(volume.decoded(), 2 * limits::kChunkReadingsMax) << "the chunks at both edges";
}

// Against a table of first values.
TEST(Volume, answers_as_a_table_does) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PiecesForTest pieces;
    for (int i = 0; i < 1 + static_cast<int>(seed % 9); ++i) pieces.add(random_run(random, i, 1 + seed * 50));
    Volume volume = volume_of(pieces.pieces);
    ASSERT_EQ(read_all(volume), pieces.samples());
    for (int question = 0; question < 60; ++question) {
      const auto moment = [&] { return kVolumeBegin + Duration(random() % 90'000'000) - hours(1); };
      Timestamp from = moment();
      Timestamp to = moment();
      if (from > to) std::swap(from, to);
      const auto begin = pieces.table.lower_bound(from);
      const auto end = pieces.table.lower_bound(to);
      std::vector<Sample> want;
      for (auto at = begin; at != end; ++at) want.push_back({at->first, at->second});
      std::vector<Sample> got;
      ASSERT_TRUE(volume.read(from, to, got));
      ASSERT_EQ(got, want);

      const Steps steps{from, to, Duration(1 + random() % 20'000'000)};
      std::vector<summary::Summary> folded(steps.count());
      std::vector<summary::Summary> sums(steps.count());
      for (const Sample& sample : want) sums[steps.index(sample.timestamp)].add(sample);
      ASSERT_TRUE(volume.fold(steps, folded));
      for (std::size_t i = 0; i < sums.size(); ++i) {
        ASSERT_EQ(folded[i].count, sums[i].count);
        if (sums[i].count > 0) expect_same(folded[i], sums[i]);
      }

      const Timestamp at =
          random() % 2 == 0 || pieces.table.empty()
              ? from
              : std::next(pieces.table.begin(), static_cast<std::ptrdiff_t>(random() % pieces.table.size()))->first;
      const auto exact = pieces.table.find(at);
      const auto found = volume.find(at, kTimestampMin, kTimestampMax);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->value, exact == pieces.table.end() ? std::nullopt : std::optional(exact->second));
      if (!found->value) {
        ASSERT_LE(found->gap_from, at);
        ASSERT_GT(found->gap_to, at);
        ASSERT_EQ(pieces.table.lower_bound(found->gap_from), pieces.table.lower_bound(found->gap_to));
      }
      const auto behind = pieces.table.upper_bound(at);
      const auto last = volume.last_at(at);
      ASSERT_TRUE(last);
      ASSERT_EQ(last->has_value(), behind != pieces.table.begin());
      if (!*last) continue;
      ASSERT_EQ(**last, (Sample{std::prev(behind)->first, std::prev(behind)->second}));
    }
  }
}

TEST(Volume, says_where_a_piece_is_damaged) {
  PiecesForTest pieces;
  pieces.add(run_of(kVolumeBegin, seconds(1), 100, 20));
  pieces.add(run_of(kVolumeBegin + hours(1), seconds(1), 100, 21));
  std::string together = pieces.pieces[0] + pieces.pieces[1];
  const std::size_t second = pieces.pieces[0].size();
  together[second + 4] = static_cast<char>(together[second + 4] ^ 1);  // in the second chunk's head
  Volume volume;
  std::string_view rest = together;
  const auto added = volume.add(rest);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::history_failed);
  EXPECT_EQ(rest, std::string_view(together).substr(second)) << "what stands from the damage on";
}

TEST(Volume, says_that_a_body_is_damaged_when_it_is_needed) {
  PiecesForTest pieces;
  std::mt19937_64 random(5);
  pieces.add(random_run(random, 0, 5'000));
  std::string& piece = pieces.pieces[0];
  piece[piece.size() - 10] = static_cast<char>(piece[piece.size() - 10] ^ 1);
  Volume volume = volume_of(pieces.pieces);
  summary::Summary sum;
  const Steps day = Steps::whole(kVolumeBegin, kVolumeBegin + hours(24));
  EXPECT_TRUE(volume.fold(day, std::span(&sum, 1)));
  EXPECT_EQ(sum.count, pieces.table.size());
  std::vector<Sample> samples;
  EXPECT_EQ(volume.read(kTimestampMin, kTimestampMax, samples).error().code, ErrorCode::history_failed);
}

}  // namespace
}  // namespace temperature::history
