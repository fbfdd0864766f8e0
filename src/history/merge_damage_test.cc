#include "history/merge_damage.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <span>
#include <vector>

#include "history/rocks_store.h"
#include "history/shelf.h"
#include "testing/moments.h"

// Merges that meet damage: nothing else stops.
namespace temperature::history {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using testing::kMidnight;

constexpr std::uint32_t kSeriesMerged = 60;

std::vector<Run> runs_of(Duration shift) {
  std::mt19937_64 random(1);
  std::vector<Run> runs;
  for (std::uint32_t series = 0; series < kSeriesMerged; ++series) {
    Run& run = runs.emplace_back(Run{SeriesId(series), {}});
    for (int i = 0; i < 1'000; ++i) {
      run.samples.push_back({kMidnight + seconds(30 * i) + shift, static_cast<double>(random() % 4'000) / 100});
    }
  }
  return runs;
}

void flip_a_byte_of_the_largest_table(const std::filesystem::path& path) {
  std::filesystem::path table;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    if (file.path().extension() != ".sst") continue;
    if (table.empty() || file.file_size() > std::filesystem::file_size(table)) table = file.path();
  }
  std::fstream bytes(table, std::ios::binary | std::ios::in | std::ios::out);
  bytes.seekg(200);
  const int byte = bytes.get();
  bytes.seekp(200).put(static_cast<char>(byte ^ 1));
  bytes.close();
}

TEST(MergeDamage, stops_neither_writes_nor_what_is_not_damaged) {
  const testing::TemporaryFolder place;
  const std::filesystem::path path = place.path() / "history";
  std::vector<std::string> said;
  std::mutex mutex;
  const auto open = [&] {
    auto history = RocksHistory::open({.path = path, .env = nullptr, .log = [&](const std::string& what) {
                                         const std::lock_guard lock(mutex);
                                         said.push_back(what);
                                       }});
    EXPECT_TRUE(history) << history.error().detail;
    return std::move(*history);
  };
  {
    const auto history = open();
    ASSERT_TRUE(history->write(runs_of(Duration(0))));
    ASSERT_TRUE(history->commit(Position(1), 0, {}));
    ASSERT_TRUE(history->settle());
  }
  flip_a_byte_of_the_largest_table(path);
  const auto history = open();
  ASSERT_TRUE(history->write(runs_of(Duration(500))));
  ASSERT_TRUE(history->commit(Position(2), 0, {}));
  EXPECT_FALSE(history->settle()) << "it meets the damage";
  EXPECT_TRUE(history->figures().damage_met.load());
  for (std::uint64_t position = 3; position < 10; ++position) {
    ASSERT_TRUE(history->write(runs_of(Duration(500 + static_cast<std::int64_t>(position)))));
    ASSERT_TRUE(history->commit(Position(position), 0, {}));
    ASSERT_TRUE(history->settle()) << "it leaves alone what it met";
  }
  int lost = 0;
  for (std::uint32_t series = 0; series < kSeriesMerged; ++series) {
    std::vector<Sample> samples;
    const auto read = history->read(SeriesId(series), kTimestampMin, kTimestampMax, SIZE_MAX, samples);
    if (!read) {
      EXPECT_EQ(read.error().code, ErrorCode::history_failed);
      ++lost;
    } else {
      EXPECT_EQ(samples.size(), 9'000U);
    }
  }
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, static_cast<int>(kSeriesMerged) / 2);
  const std::lock_guard lock(mutex);
  ASSERT_EQ(said.size(), 1U) << "once";
  EXPECT_NE(said[0].find("is merged no more"), std::string::npos);
}

// What they find cannot be counted, and that is told; whatever comes after them goes on.
TEST(MergeDamage, stops_neither_deletions_nor_corrections) {
  const testing::TemporaryFolder place;
  const std::filesystem::path path = place.path() / "history";
  {
    const auto history = RocksHistory::open({.path = path});
    ASSERT_TRUE(history) << history.error().detail;
    ASSERT_TRUE((*history)->write(runs_of(Duration(0))));
    ASSERT_TRUE((*history)->commit(Position(1), 0, {}));
    ASSERT_TRUE((*history)->settle());
  }
  flip_a_byte_of_the_largest_table(path);
  const auto history = RocksHistory::open({.path = path});
  ASSERT_TRUE(history) << history.error().detail;
  int uncounted = 0;
  for (std::uint32_t series = 0; series < kSeriesMerged; ++series) {
    const auto erased = (*history)->erase(SeriesId(series), kMidnight + seconds(10), kMidnight + seconds(100));
    ASSERT_TRUE(erased) << erased.error().detail;
    uncounted += erased->counted ? 0 : 1;
    const Sample right{kMidnight + seconds(150), 7};
    const auto replaced = (*history)->replace(SeriesId(series), std::span(&right, 1));
    ASSERT_TRUE(replaced) << replaced.error().detail;
  }
  EXPECT_GT(uncounted, 0);
  EXPECT_TRUE((*history)->commit(Position(2), 0, {}));
}

// What is not damage stays an error: writes are refused, as they were.
TEST(MergeDamage, is_not_what_a_failing_disk_does) {
  RocksShelf shelf;
  const auto history = shelf.open();
  ASSERT_TRUE(history->write(runs_of(Duration(0))));
  ASSERT_TRUE(history->commit(Position(1), 0, {}));
  shelf.env->fail(testing::PowerCutEnv::Operation::sync, 1, ".sst", rocksdb::Status::IOError("told to fail"));
  EXPECT_FALSE(history->settle());
  EXPECT_FALSE(history->figures().damage_met.load());
}

}  // namespace
}  // namespace temperature::history
