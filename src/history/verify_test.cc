#include "history/verify.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "history/extent.h"
#include "history/rocks_store.h"
#include "history/shelf.h"
#include "history/volume.h"
#include "testing/moments.h"

namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::kMidnight;

constexpr std::uint32_t kSeriesVerified = 40;
constexpr std::size_t kReadings = 1'500;

std::vector<Sample> samples_of(std::uint32_t series) {
  std::mt19937_64 random(series);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < kReadings; ++i) {
    samples.push_back({kMidnight + seconds(20) * static_cast<std::int64_t>(i) + Duration(series),
                       static_cast<double>(random() % 4'000) / 100});
  }
  return samples;
}

struct Found {
  std::vector<Damage> damages;
  Verified verified;

  [[nodiscard]] bool names(std::string_view words) const {
    return std::ranges::any_of(damages,
                               [&](const Damage& damage) { return damage.what.find(words) != damage.what.npos; });
  }
};

class HistoryVerify : public ::testing::Test {
 protected:
  // Two days of readings in tables of some blocks.
  void fill() {
    auto history = shelf.open();
    for (std::uint32_t series = 0; series < kSeriesVerified; ++series) {
      const auto samples = samples_of(series);
      const std::vector<history::Run> runs{{SeriesId(series), samples}};
      ASSERT_TRUE(history->write(runs));
      ASSERT_TRUE(history->commit(Position(series + 1), series, std::vector{sensor(series)}));
    }
    ASSERT_TRUE(history->settle());
  }

  Found verify() {
    Found found;
    const auto tell = [&](const Damage& damage) { found.damages.push_back(damage); };
    const auto inspection = Inspection::open(shelf.path());
    EXPECT_TRUE(inspection) << inspection.error().detail;
    if (!inspection) return found;
    EXPECT_EQ(inspection->safe_position(), Position(kSeriesVerified));
    catalogue::Catalogue catalogue(1'000);
    inspection->read_definitions(catalogue, tell);
    found.verified = inspection->verify(catalogue, tell, [](const Verified&) {});
    return found;
  }

  // Writes past everything that a history does, as damage would.
  template <class Write>
  void tamper(Write write) {
    const auto store = RocksStore::open(shelf.path(), nullptr);
    ASSERT_TRUE(store);
    rocksdb::WriteBatch batch;
    write(**store, batch);
    ASSERT_TRUE((*store)->put(batch, /*sync=*/true));
  }

  RocksShelf shelf;
};

std::string key_of(std::int32_t number, std::uint32_t series) {
  const auto bytes = VolumeKey{number, SeriesId(series)}.encode();
  return {bytes.data(), bytes.size()};
}

TEST_F(HistoryVerify, counts_what_is_well) {
  fill();
  const Found found = verify();
  EXPECT_TRUE(found.damages.empty()) << found.damages.front().what;
  EXPECT_EQ(found.verified.readings, kSeriesVerified * kReadings);
  EXPECT_EQ(found.verified.chunks, kSeriesVerified);
  EXPECT_EQ(found.verified.volumes, kSeriesVerified);
  EXPECT_GE(found.verified.files, 3U);
}

TEST_F(HistoryVerify, changes_nothing) {
  fill();
  const auto state = [this] {
    std::map<std::string, std::uintmax_t> files;
    for (const auto& file : std::filesystem::directory_iterator(shelf.path())) {
      files[file.path().filename().string()] = file.file_size();
    }
    return files;
  };
  const auto before = state();
  verify();
  EXPECT_EQ(state(), before);
}

// Whatever byte of whatever table it is: found, and what the readings there are is named with it.
TEST_F(HistoryVerify, finds_a_flipped_byte_in_every_table) {
  fill();
  const auto kept = shelf.path().parent_path() / "kept";
  std::filesystem::rename(shelf.path(), kept);
  std::mt19937_64 random(7);
  int in_volumes = 0;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE("flip " + std::to_string(i));
    std::filesystem::remove_all(shelf.path());
    std::filesystem::copy(kept, shelf.path(), std::filesystem::copy_options::recursive);
    std::vector<std::filesystem::path> tables;
    for (const auto& file : std::filesystem::directory_iterator(shelf.path())) {
      if (file.path().extension() == ".sst") tables.push_back(file.path());
    }
    std::ranges::sort(tables, {}, [](const auto& table) { return std::filesystem::file_size(table); });
    const bool largest = i % 2 == 0;
    const auto& path = largest ? tables.back() : tables[random() % tables.size()];
    std::fstream table(path, std::ios::binary | std::ios::in | std::ios::out);
    std::string bytes{std::istreambuf_iterator<char>(table), {}};
    const std::size_t at = largest ? random() % (bytes.size() / 2) : random() % bytes.size();
    table.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(bytes[at] ^ 0x10));
    table.close();

    const auto inspection = Inspection::open(shelf.path());
    if (!inspection) continue;  // said at once
    std::vector<Damage> damages;
    const auto tell = [&](const Damage& damage) { damages.push_back(damage); };
    catalogue::Catalogue catalogue(1'000);
    inspection->read_definitions(catalogue, tell);
    const Verified verified = inspection->verify(catalogue, tell, [](const Verified&) {});
    ASSERT_FALSE(damages.empty()) << path << " at " << at;
    if (!largest) continue;
    ++in_volumes;
    std::uint64_t lost = 0;
    for (const Damage& damage : damages) lost += damage.series ? 1 : 0;
    ASSERT_GT(lost, 0U) << "it does not say whose readings they are";
    ASSERT_EQ(verified.chunks + lost, kSeriesVerified) << "the others were not all looked at";
    for (const Damage& damage : damages) {
      if (!damage.series) continue;
      ASSERT_TRUE(damage.from <= kMidnight && damage.to == kMidnight + days(1));
    }
  }
  EXPECT_GT(in_volumes, 20);
}

TEST_F(HistoryVerify, finds_a_chunk_that_is_damaged_itself) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    std::string piece;
    append_piece(piece, samples_of(5));
    piece[piece.size() - 30] = static_cast<char>(piece[piece.size() - 30] ^ 1);
    batch.Put(store.volumes(Span::day), key_of(19'680, 5), piece);
  });
  const Found found = verify();
  ASSERT_EQ(found.damages.size(), 1U);
  EXPECT_EQ(found.damages[0].series, SeriesId(5));
  EXPECT_EQ(found.damages[0].from, samples_of(5).front().timestamp);
  EXPECT_EQ(found.damages[0].to, samples_of(5).back().timestamp + Duration(1));
  EXPECT_EQ(found.verified.readings, (kSeriesVerified - 1) * kReadings);
}

TEST_F(HistoryVerify, looks_at_pieces_before_a_merge_mends_them) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    // Chunks of one piece that are out of order: a merge would sort them.
    std::string piece;
    append_piece(piece, std::vector<Sample>{{kMidnight + hours(20), 1}});
    append_piece(piece, std::vector<Sample>{{kMidnight + hours(19), 2}});
    batch.Merge(store.volumes(Span::day), key_of(19'680, 5), piece);
    batch.Merge(store.extents(), series_key(SeriesId(5)),
                encode_extent({SeriesId(5), kMidnight, {kMidnight + hours(23), 1}}));
  });
  const Found found = verify();
  ASSERT_EQ(found.damages.size(), 1U);
  EXPECT_TRUE(found.names("out of order"));
}

// What an erasure leaves until a merge: a tombstone, and the bytes before it.
TEST_F(HistoryVerify, finds_nothing_wrong_with_tombstones_and_counts_what_they_take) {
  fill();
  {
    auto history = shelf.open();
    ASSERT_TRUE(history->erase(SeriesId(5), kMidnight + hours(1), kMidnight + hours(2)));
    ASSERT_TRUE(history->erase(SeriesId(6), samples_of(6).back().timestamp, kMidnight + hours(24)));  // its newest
    ASSERT_TRUE(history->erase(SeriesId(7), kMidnight - hours(24), kMidnight + hours(48)));           // all of it
    ASSERT_TRUE(history->commit(Position(kSeriesVerified), kSeriesVerified, {}));
  }
  const Found found = verify();
  EXPECT_TRUE(found.damages.empty()) << found.damages.front().what;
  EXPECT_EQ(found.verified.tombstones, 2U);
  EXPECT_EQ(found.verified.volumes, kSeriesVerified - 1);
  EXPECT_EQ(found.verified.readings, (kSeriesVerified - 1) * kReadings) << "their bytes are there until a merge";
  {
    auto history = shelf.open();
    ASSERT_TRUE(history->write(std::vector<history::Run>{{SeriesId(8), {{kMidnight, 1}}}}));
    ASSERT_TRUE(history->settle());
  }
  EXPECT_EQ(verify().verified.tombstones, 0U);
}

TEST_F(HistoryVerify, names_a_tombstone_that_is_damaged) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    std::string piece;
    append_tombstone(piece, {kMidnight, kMidnight + hours(1)});
    piece[9] = static_cast<char>(piece[9] ^ 4);
    batch.Merge(store.volumes(Span::day), key_of(19'680, 5), piece);
  });
  const Found found = verify();
  ASSERT_EQ(found.damages.size(), 1U);
  EXPECT_TRUE(found.names("tombstone"));
  EXPECT_EQ(found.damages[0].series, SeriesId(5));
}

TEST_F(HistoryVerify, finds_readings_in_the_wrong_place) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    std::string piece;
    append_piece(piece, samples_of(5));
    batch.Put(store.volumes(Span::day), key_of(19'681, 5), piece);  // of the day before
    batch.Put(store.volumes(Span::month), "short", piece);
    batch.Put(store.volumes(Span::month), key_of(615, kSeriesVerified + 9), piece);  // a series that nobody knows
  });
  const Found found = verify();
  EXPECT_TRUE(found.names("wrong stretch of time"));
  EXPECT_TRUE(found.names("wrong length"));
  EXPECT_TRUE(found.names("extent is missing"));
}

TEST_F(HistoryVerify, finds_extents_that_are_too_narrow_or_too_many) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    const Sample newest = samples_of(7).back();
    batch.Put(store.extents(), series_key(SeriesId(7)), encode_extent({SeriesId(7), kMidnight + hours(1), newest}));
    batch.Put(store.extents(), series_key(SeriesId(90)), encode_extent({SeriesId(90), kMidnight, newest}));
  });
  const Found found = verify();
  ASSERT_EQ(found.damages.size(), 2U);
  EXPECT_TRUE(found.names("beyond its series' extent"));
  EXPECT_TRUE(found.names("nothing defines"));
}

TEST_F(HistoryVerify, finds_a_definition_that_is_missing) {
  fill();
  tamper([](const RocksStore& store, rocksdb::WriteBatch& batch) {
    batch.Delete(store.definitions(), std::string("\0\0\0\0\0\0\0\x11", 8));
  });
  EXPECT_TRUE(verify().names("definition 17 is missing"));
}

TEST(HistoryVerifyOpen, says_what_it_cannot_open) {
  RocksShelf shelf;
  {
    const auto history = shelf.open();
  }
  std::filesystem::remove(shelf.path() / "CURRENT");
  const auto inspection = Inspection::open(shelf.path());
  ASSERT_FALSE(inspection);
  EXPECT_NE(inspection.error().detail.find("CURRENT"), std::string::npos);
}

}  // namespace
}  // namespace temperature::history
