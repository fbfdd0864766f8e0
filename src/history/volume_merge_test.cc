#include "history/volume_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/time.h"
#include "history/chunk_for_test.h"
#include "history/chunk_limits.h"
#include "history/volume_for_test.h"

namespace temperature::history {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string merged(const std::vector<std::string>& pieces, Thoroughness thoroughness) {
  const std::vector<std::string_view> views(pieces.begin(), pieces.end());
  return merge_pieces(views, thoroughness).piece;
}

std::vector<Sample> samples_in(const std::string& piece) {
  Volume volume;
  std::string_view rest = piece;
  const auto added = volume.add(rest);
  EXPECT_TRUE(added) << added.error().detail;
  return read_all(volume);
}

// Of the chunks in a piece.
std::vector<std::size_t> counts_in(const std::string& piece) {
  std::vector<std::size_t> counts;
  Timestamp before = kTimestampMin;
  for (std::string_view rest = piece; !rest.empty();) {
    const auto chunk = ChunkView::take(rest);
    EXPECT_TRUE(chunk);
    if (!chunk) break;
    EXPECT_LT(before, chunk->first()) << "chunks of a piece are in order and do not overlap";
    before = chunk->last();
    counts.push_back(chunk->count());
  }
  return counts;
}

std::vector<Sample> run_of(Timestamp from, std::size_t count, double value) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back({from + seconds(i), value});
  return samples;
}

constexpr std::array kBoth{Thoroughness::quick, Thoroughness::thorough};

TEST(VolumeMerge, says_the_same_as_the_pieces) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PiecesForTest pieces;
    for (int i = 0; i < 1 + static_cast<int>(seed % 12); ++i) pieces.add(random_run(random, i, 1 + seed * 40));
    for (const Thoroughness thoroughness : kBoth) {
      const std::string piece = merged(pieces.pieces, thoroughness);
      ASSERT_EQ(samples_in(piece), pieces.samples());
      ASSERT_FALSE(counts_in(piece).empty());
    }
  }
}

// RocksDB merges neighbours in whatever order it comes by them.
TEST(VolumeMerge, says_the_same_in_whatever_steps_it_is_done) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PiecesForTest pieces;
    for (int i = 0; i < 8; ++i) pieces.add(random_run(random, i, 1 + seed * 30));
    std::vector<std::string> left = pieces.pieces;
    while (left.size() > 1) {
      const auto at = static_cast<std::ptrdiff_t>(random() % (left.size() - 1));
      const auto count = std::min<std::ptrdiff_t>(2 + static_cast<std::ptrdiff_t>(random() % 3),
                                                  static_cast<std::ptrdiff_t>(left.size()) - at);
      const std::vector<std::string> some(left.begin() + at, left.begin() + at + count);
      left[static_cast<std::size_t>(at)] = merged(some, random() % 2 == 0 ? kBoth[0] : kBoth[1]);
      left.erase(left.begin() + at + 1, left.begin() + at + count);
    }
    ASSERT_EQ(samples_in(left.front()), pieces.samples());
  }
}

TEST(VolumeMerge, puts_small_chunks_together_and_copies_large_ones) {
  PiecesForTest pieces;
  for (int i = 0; i < 20; ++i) pieces.add(run_of(kVolumeBegin + hours(i), 100, i));
  EXPECT_EQ(counts_in(merged(pieces.pieces, Thoroughness::quick)), (std::vector<std::size_t>{2'000}));

  PiecesForTest large;
  for (int i = 0; i < 3; ++i) large.add(run_of(kVolumeBegin + hours(i), limits::kChunkSmallReadings, i));
  const std::vector<std::string_view> views(large.pieces.begin(), large.pieces.end());
  const Merged copied = merge_pieces(views, Thoroughness::quick);
  EXPECT_EQ(copied.piece, large.pieces[0] + large.pieces[1] + large.pieces[2]);
  EXPECT_EQ(copied.chunks_written, 0U);
  const Merged together = merge_pieces(views, Thoroughness::thorough);
  EXPECT_EQ(counts_in(together.piece), (std::vector<std::size_t>{3 * limits::kChunkSmallReadings}));
  EXPECT_EQ(together.chunks_written, 1U);
}

TEST(VolumeMerge, makes_no_chunk_larger_than_one_may_be) {
  PiecesForTest pieces;
  for (int i = 0; i < 40; ++i) pieces.add(run_of(kVolumeBegin + seconds(1'000 * i), 1'000, i));
  for (const Thoroughness thoroughness : kBoth) {
    const auto counts = counts_in(merged(pieces.pieces, thoroughness));
    EXPECT_EQ(counts, (std::vector<std::size_t>{16'000, 16'000, 8'000}));
  }
  PiecesForTest overlapping;
  overlapping.add(run_of(kVolumeBegin, limits::kChunkReadingsMax, 1));
  overlapping.add(run_of(kVolumeBegin + seconds(10), limits::kChunkReadingsMax, 2));
  const std::string piece = merged(overlapping.pieces, Thoroughness::quick);
  EXPECT_EQ(counts_in(piece), (std::vector<std::size_t>{limits::kChunkReadingsMax, 10}));
  EXPECT_EQ(samples_in(piece), overlapping.samples());
}

// Damage is carried along, and hides nothing else.

void flip(std::string& bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
}

TEST(VolumeMerge, keeps_a_chunk_whose_body_is_damaged_as_it_is) {
  for (const Thoroughness thoroughness : kBoth) {
    std::mt19937_64 random(3);
    PiecesForTest pieces;
    std::vector<Sample> restless = run_of(kVolumeBegin + hours(5), 2'000, 0);
    for (Sample& sample : restless) sample.value = static_cast<double>(random() % 4'000) / 100;
    pieces.add(run_of(kVolumeBegin, 100, 1));
    pieces.add(run_of(kVolumeBegin + hours(1), 100, 2));
    pieces.add(restless);
    pieces.add(run_of(kVolumeBegin + hours(5) + seconds(50), 100, 3));  // over the damaged one
    pieces.add(run_of(kVolumeBegin + hours(9), 100, 4));
    std::string& damaged = pieces.pieces[2];
    flip(damaged, damaged.size() - 20);
    std::string piece = merged(pieces.pieces, thoroughness);
    piece = merged({piece, pieces.pieces[4]}, thoroughness);  // again
    EXPECT_NE(piece.find(damaged), std::string::npos) << "byte for byte";

    Volume volume;
    std::string_view rest = piece;
    ASSERT_TRUE(volume.add(rest));
    std::vector<Sample> samples;
    EXPECT_EQ(volume.read(kTimestampMin, kTimestampMax, samples).error().code, ErrorCode::history_failed);
    for (const auto& [hour, count] : {std::pair(0, 100), std::pair(1, 100), std::pair(9, 100)}) {
      samples.clear();
      const Timestamp from = kVolumeBegin + hours(hour);
      const auto read = volume.read(from, from + hours(1), samples);
      if (thoroughness == Thoroughness::thorough) continue;  // put together with the damaged one, and left so
      ASSERT_TRUE(read) << read.error().detail;
      EXPECT_EQ(samples.size(), static_cast<std::size_t>(count));
    }
  }
}

TEST(VolumeMerge, puts_what_is_no_chunk_behind_all_others) {
  for (const Thoroughness thoroughness : kBoth) {
    PiecesForTest pieces;
    pieces.add(run_of(kVolumeBegin, 50, 1));
    pieces.add(run_of(kVolumeBegin + hours(1), 50, 2));
    pieces.add(run_of(kVolumeBegin + hours(2), 50, 3));
    std::vector<std::string> stored = pieces.pieces;
    // A chunk that is well, and behind it in the same piece one whose head is damaged.
    std::string damaged = stored[1];
    flip(damaged, 5);
    stored[0] += damaged;
    stored.erase(stored.begin() + 1);
    std::string piece = merged(stored, thoroughness);
    PiecesForTest later;
    later.add(run_of(kVolumeBegin + hours(3), 50, 4));
    piece = merged({piece, later.pieces[0]}, thoroughness);
    EXPECT_TRUE(piece.ends_with(damaged));

    Volume volume;
    std::string_view rest = piece;
    EXPECT_FALSE(volume.add(rest)) << "readers are told";
    EXPECT_EQ(rest, damaged);
    EXPECT_EQ(read_all(volume).size(), 150U) << "and everything else is in front";
  }
}

TEST(VolumeMerge, of_pieces_of_nothing_but_damage_keeps_it) {
  const std::vector<std::string> stored{"no chunk", "nor this"};
  EXPECT_EQ(merged(stored, Thoroughness::quick), "no chunknor this");
}

}  // namespace
}  // namespace temperature::history
