#include "history/tombstone.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "history/volume.h"
#include "history/volume_for_test.h"
#include "history/volume_merge.h"

namespace temperature::history {
namespace {

TEST(Tombstone, is_read_as_it_was_written) {
  const Tombstone tombstone{kVolumeBegin, kVolumeBegin + Duration(1)};
  std::string bytes;
  append_tombstone(bytes, tombstone);
  bytes += "rest";
  ASSERT_TRUE(begins_with_tombstone(bytes));
  std::string_view left(bytes);
  const auto taken = take_tombstone(left);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, tombstone);
  EXPECT_EQ(left, "rest");
}

// No bit that flips makes a chunk of a tombstone, a tombstone of a chunk, or another one of one.
TEST(Tombstone, that_is_damaged_is_an_error) {
  std::string bytes;
  append_tombstone(bytes, {kVolumeBegin, kVolumeBegin + Duration(1'000)});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    Volume volume;
    std::string_view piece(damaged);
    EXPECT_FALSE(volume.add(piece)) << "bit " << bit;
  }
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    Volume volume;
    std::string_view piece = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(volume.add(piece)) << size;
  }
  std::string chunk;
  append_piece(chunk, std::vector<Sample>{{kVolumeBegin, 1}});
  for (int bit = 0; bit < 8; ++bit) {
    EXPECT_FALSE(begins_with_tombstone(std::string(1, static_cast<char>(chunk[0] ^ (1 << bit)))));
  }
}

// Pieces and tombstones, and what they say together.
struct ErasedPieces : PiecesForTest {
  void erase(Timestamp from, Timestamp to) {
    append_tombstone(pieces.emplace_back(), {from, to});
    table.erase(table.lower_bound(from), table.lower_bound(to));
  }
  void random_step(std::mt19937_64& random, int number) {
    if (random() % 3 != 0) return add(random_run(random, number % 12, random() % 4 == 0 ? 1'500 : 60));
    const auto from = kVolumeBegin + Duration(static_cast<std::int64_t>(random() % 86'400'000));
    erase(from, from + Duration(static_cast<std::int64_t>(1 + random() % 40'000'000)));
  }
};

void expect_says(const std::vector<std::string>& pieces, const std::map<Timestamp, double>& table,
                 std::mt19937_64& random) {
  Volume volume;
  for (const std::string& piece : pieces) {
    std::string_view bytes(piece);
    ASSERT_TRUE(volume.add(bytes));
  }
  std::vector<Sample> want;
  for (const auto& [timestamp, value] : table) want.push_back({timestamp, value});
  ASSERT_EQ(read_all(volume), want);
  for (int i = 0; i < 12; ++i) {
    const auto at = kVolumeBegin + Duration(static_cast<std::int64_t>(random() % 86'400'000));
    const auto after = table.upper_bound(at);
    const auto last = volume.last_at(at);
    ASSERT_TRUE(last);
    ASSERT_EQ(last->has_value(), after != table.begin());
    if (*last) ASSERT_EQ((*last)->timestamp, std::prev(after)->first);
    const auto some = table.empty() || i % 2 == 0
                          ? at
                          : std::next(table.begin(), static_cast<std::int64_t>(random() % table.size()))->first;
    const auto found = volume.find(some, kVolumeBegin, kVolumeBegin + std::chrono::days(1));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->value.has_value(), table.contains(some));
    if (!found->value) {
      ASSERT_LE(found->gap_from, some);
      ASSERT_GT(found->gap_to, some);
      ASSERT_EQ(table.lower_bound(found->gap_from), table.lower_bound(found->gap_to)) << "the gap has a sample";
    } else {
      ASSERT_EQ(*found->value, table.at(some));
    }
    const Steps steps{at, at + Duration(20'000'000), Duration(3'600'000)};
    std::vector<summary::Summary> summaries(steps.count());
    std::vector<summary::Summary> wanted(steps.count());
    ASSERT_TRUE(volume.fold(steps, summaries));
    for (auto each = table.lower_bound(steps.from); each != table.lower_bound(steps.to); ++each) {
      wanted[steps.index(each->first)].add(Sample{each->first, each->second});
    }
    for (std::size_t step = 0; step < wanted.size(); ++step) {
      ASSERT_EQ(summaries[step].count, wanted[step].count);
      ASSERT_EQ(summaries[step].sum.fixed(), wanted[step].sum.fixed());
      ASSERT_EQ(summaries[step].first, wanted[step].first);
      ASSERT_EQ(summaries[step].last_value, wanted[step].last_value);
    }
  }
}

std::vector<std::string_view> views(const std::vector<std::string>& pieces, std::size_t begin, std::size_t end) {
  return {pieces.begin() + static_cast<std::ptrdiff_t>(begin), pieces.begin() + static_cast<std::ptrdiff_t>(end)};
}

// Whatever pieces are merged, in whatever order, the volume says the same.
TEST(TombstoneProperty, equals_a_map_however_pieces_are_merged) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    ErasedPieces history;
    for (int i = 0; i < 12; ++i) history.random_step(random, i);
    expect_says(history.pieces, history.table, random);
    while (history.pieces.size() > 1 && !::testing::Test::HasFatalFailure()) {
      const std::size_t begin = random() % (history.pieces.size() - 1);
      const std::size_t end = begin + 2 + random() % (history.pieces.size() - begin - 1);
      const auto thoroughness = random() % 2 == 0 ? Thoroughness::quick : Thoroughness::thorough;
      const Below below = begin == 0 && random() % 2 == 0 ? Below::nothing : Below::pieces;
      const Merged merged = merge_pieces(views(history.pieces, begin, end), thoroughness, below);
      history.pieces.erase(history.pieces.begin() + static_cast<std::ptrdiff_t>(begin),
                           history.pieces.begin() + static_cast<std::ptrdiff_t>(end));
      history.pieces.insert(history.pieces.begin() + static_cast<std::ptrdiff_t>(begin), merged.piece);
      expect_says(history.pieces, history.table, random);
    }
    if (::testing::Test::HasFatalFailure()) return;
    // Nothing of what is gone is left in the bytes of a full merge, and no tombstone.
    const Merged all = merge_pieces(views(history.pieces, 0, 1), Thoroughness::thorough, Below::nothing);
    Volume volume;
    std::string_view bytes(all.piece);
    ASSERT_TRUE(volume.add(bytes));
    EXPECT_TRUE(volume.cuts().empty());
    std::vector<Sample> decoded;
    for (const auto& group : volume.groups()) {
      for (const auto& chunk : volume.chunks(group)) ASSERT_TRUE(chunk.view.decode(decoded));
    }
    ASSERT_EQ(decoded, history.samples());
  }
}

// A remedy: where a merge of the upper pieces dropped its tombstone, what lies below came back.
TEST(Tombstone, stays_in_front_when_there_may_be_pieces_below) {
  ErasedPieces history;
  history.add({{kVolumeBegin, 1}, {kVolumeBegin + Duration(10), 2}});
  history.erase(kVolumeBegin, kVolumeBegin + Duration(10));
  history.add({{kVolumeBegin, 3}});
  for (const Below below : {Below::pieces, Below::nothing}) {
    const std::string upper = merge_pieces(views(history.pieces, 1, 3), Thoroughness::quick, below).piece;
    Volume volume;
    for (const std::string_view each : {std::string_view(history.pieces[0]), std::string_view(upper)}) {
      std::string_view piece = each;
      ASSERT_TRUE(volume.add(piece));
    }
    EXPECT_EQ(read_all(volume) == history.samples(), below == Below::pieces);
  }
}

// What cannot be decoded cannot be cut: the tombstone stays behind it, whatever is merged.
TEST(Tombstone, stays_behind_a_damaged_chunk_of_which_it_takes_a_part) {
  std::vector<Sample> samples;
  for (int i = 0; i < 500; ++i) samples.push_back({kVolumeBegin + Duration(i * 1'000 + i % 7), 20 + i % 13 / 10.0});
  std::string damaged;
  append_piece(damaged, samples);
  damaged[damaged.size() - 10] = static_cast<char>(damaged[damaged.size() - 10] ^ 1);  // of its body
  std::string tombstone;
  append_tombstone(tombstone, {kVolumeBegin + Duration(100'000), kVolumeBegin + Duration(200'000)});
  std::string merged;
  const std::vector<std::string> pieces{damaged, tombstone};
  for (const Below below : {Below::pieces, Below::nothing}) {
    merged = merge_pieces(views(pieces, 0, 2), Thoroughness::thorough, below).piece;
    Volume volume;
    std::string_view bytes(merged);
    ASSERT_TRUE(volume.add(bytes));
    ASSERT_EQ(volume.cuts().size(), 1U);
    ASSERT_EQ(volume.groups().size(), 1U);
    EXPECT_TRUE(volume.groups()[0].cut);
    summary::Summary summary;
    EXPECT_FALSE(volume.fold(Steps::whole(kVolumeBegin, kVolumeBegin + std::chrono::hours(1)), std::span(&summary, 1)))
        << "its sums have what is deleted";
  }
  // One that takes all of it needs no look at it.
  std::string all;
  append_tombstone(all, {kVolumeBegin, kVolumeBegin + Duration(500'000)});
  const std::vector<std::string> covered{damaged, all};
  EXPECT_EQ(merge_pieces(views(covered, 0, 2), Thoroughness::quick, Below::nothing).piece, "");
}

}  // namespace
}  // namespace temperature::history
