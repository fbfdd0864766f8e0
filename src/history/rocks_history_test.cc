#include "history/rocks_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "history/shelf.h"
#include "rocks/log_scan.h"
#include "testing/effort.h"
#include "testing/moments.h"
#include "testing/read_file.h"

namespace temperature::history {
namespace {

using testing::kNow;
using Operation = testing::PowerCutEnv::Operation;
using std::chrono::seconds;

// What a flush number `number` writes: a reading of each of three sensors; the fourth writes a long run.
std::vector<Run> runs_of(std::uint64_t number) {
  std::vector<Run> runs;
  const auto at = static_cast<std::int64_t>(number) * 1000;
  for (std::uint32_t series = 0; series < 3; ++series) {
    runs.push_back({SeriesId(series), {{kNow + seconds(at + series), static_cast<double>(number)}}});
  }
  Run& longer = runs.emplace_back(Run{SeriesId(3), {}});
  for (int i = 0; i < 300; ++i) longer.samples.push_back({kNow + seconds(at + i), 1.0 / (i + 1)});
  return runs;
}

TEST(HistoryPowerCut, keeps_what_was_committed_and_half_of_no_flush) {
  std::uint64_t committed_all = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t seeds = 0;
  for (std::uint64_t seed = 1; seed <= 20; seed += testing::power_cut_stride()) {
    ++seeds;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    RocksShelf shelf;
    std::uint64_t committed = 0;  // flushes, and with them positions and definitions
    std::uint64_t begun = 0;
    for (int run = 0; run < 6; ++run) {
      {
        auto history = shelf.try_open();
        ASSERT_TRUE(history) << history.error().detail;
        const std::uint64_t safe = (*history)->safe_position().value();
        ASSERT_GE(safe, committed) << "a commit that succeeded is lost";
        ASSERT_LE(safe, begun);
        ASSERT_EQ((*history)->definitions_stored(), safe);
        ASSERT_EQ(definitions_of(**history).size(), safe);
        committed = safe;
        for (std::uint64_t number = 1; number <= safe; ++number) {
          for (const auto& [series, samples] : runs_of(number)) {
            std::vector<Sample> stored;
            ASSERT_TRUE((*history)->read(series, samples.front().timestamp, samples.back().timestamp + seconds(1),
                                         SIZE_MAX, stored));
            ASSERT_EQ(stored, samples) << "of flush " << number << ", series " << series.value();
          }
        }
        switch (random() % 3) {
          case 0:
            shelf.env->cut_at(1 + random() % 40);
            break;
          case 1:
            shelf.env->fail(Operation::sync, 1 + random() % 6, ".log", rocksdb::Status::IOError("told to fail"));
            break;
          default:
            shelf.env->fail(Operation::write, 1 + random() % 12, ".log", rocksdb::Status::NoSpace());
            break;
        }
        int failures = 0;
        for (int i = 0; i < 10; ++i) {
          begun = std::max(begun, committed + 1);
          const auto runs = runs_of(committed + 1);
          const std::span<const history::Run> all(runs);
          const bool written = (*history)->write(all.first(2)) && (*history)->write(all.subspan(2));
          const std::vector<catalogue::Definition> definition{sensor(static_cast<std::uint32_t>(committed))};
          if (!written || !(*history)->commit(Position(committed + 1), committed, definition)) {
            if (++failures == 4) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));  // as the flusher does, if for longer
            continue;
          }
          ++committed;
          ++committed_all;
        }
        if (random() % 2 == 0) shelf.env->cut();
      }
      interrupted += shelf.env->is_cut() || shelf.env->has_failed() ? 1 : 0;
      if (shelf.env->is_cut()) shelf.env->settle(random);
    }
  }
  EXPECT_GT(committed_all, 10 * seeds);
  EXPECT_GT(interrupted, 3 * seeds);
}

TEST(RocksHistory, is_opened_by_one_program_at_a_time) {
  RocksShelf shelf;
  const auto history = shelf.open();
  const auto second = RocksHistory::open({.path = shelf.path(), .env = nullptr});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::startup) << second.error().detail;
}

TEST(RocksHistory, says_that_the_disk_is_full) {
  RocksShelf shelf;
  const auto history = shelf.open();
  shelf.env->fail(Operation::write, 1, ".log", rocksdb::Status::NoSpace());
  const auto written = history->write(runs_of(1));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::disk_full);
}

TEST(RocksHistory, never_gives_samples_that_were_not_written) {
  RocksShelf shelf;
  {
    const auto history = shelf.open();
    ASSERT_TRUE(history->write(runs_of(1)));
    ASSERT_TRUE(history->commit(Position(1), 0, {}));
  }
  {
    const auto history = shelf.open();
  }  // the log becomes files
  const std::filesystem::path kept = shelf.path().parent_path() / "kept";
  std::filesystem::rename(shelf.path(), kept);
  std::mt19937_64 random(5);
  int refusals = 0;
  for (int i = 0; i < 100; ++i) {
    std::filesystem::remove_all(shelf.path());
    std::filesystem::copy(kept, shelf.path(), std::filesystem::copy_options::recursive);
    std::vector<std::filesystem::path> tables;
    for (const auto& file : std::filesystem::directory_iterator(shelf.path())) {
      if (file.path().extension() == ".sst") tables.push_back(file.path());
    }
    ASSERT_FALSE(tables.empty());
    std::ranges::sort(tables);
    std::fstream table(tables[random() % tables.size()], std::ios::binary | std::ios::in | std::ios::out);
    std::string bytes{std::istreambuf_iterator<char>(table), {}};
    const std::size_t at = random() % bytes.size();
    table.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(bytes[at] ^ (1 + random() % 255)));
    table.close();

    const auto history = shelf.try_open();
    if (!history) {
      ++refusals;
      continue;
    }
    // A safe position that went back is the journal's to mend: it delivers again, or says what is missing.
    for (const auto& [series, samples] : runs_of(1)) {
      std::vector<Sample> stored;
      const auto read = (*history)->read(series, kTimestampMin, kTimestampMax, SIZE_MAX, stored);
      if (!read) ++refusals;
      ASSERT_TRUE(!read || stored == samples);
    }
  }
  EXPECT_GT(refusals, 10);
}

TEST(RocksHistory, is_refused_when_a_file_that_it_needs_is_gone) {
  RocksShelf shelf;
  {
    const auto history = shelf.open();
    ASSERT_TRUE(history->write(runs_of(1)));
    ASSERT_TRUE(history->commit(Position(1), 0, {}));
  }
  {
    const auto history = shelf.open();
  }
  const std::filesystem::path kept = shelf.path().parent_path() / "kept";
  std::filesystem::rename(shelf.path(), kept);
  int removed = 0;
  for (const auto& file : std::filesystem::directory_iterator(kept)) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".sst") && !name.starts_with("MANIFEST") && name != "CURRENT") continue;
    std::filesystem::remove_all(shelf.path());
    std::filesystem::copy(kept, shelf.path(), std::filesystem::copy_options::recursive);
    std::filesystem::remove(shelf.path() / name);
    EXPECT_FALSE(shelf.try_open()) << "without " << name;
    ++removed;
  }
  EXPECT_GE(removed, 3);
}

// An older history is the journal's to mend. One that says that it has everything, and has not, is nobody's.
TEST(RocksHistory, of_which_the_manifest_was_cut_is_refused_or_says_that_it_is_older) {
  RocksShelf shelf;
  {
    const auto history = shelf.open();
    ASSERT_TRUE(history->write(runs_of(1)));
    ASSERT_TRUE(history->commit(Position(1), 0, {}));
  }
  {
    const auto history = shelf.open();
  }  // the log becomes tables, which the manifest names
  {
    const auto history = shelf.open();
  }
  const std::filesystem::path kept = shelf.path().parent_path() / "kept";
  std::filesystem::rename(shelf.path(), kept);
  const std::string manifest = rocks::current_manifest(kept);
  const std::uint64_t bytes = std::filesystem::file_size(kept / manifest);
  int refusals = 0;
  const std::string whole = testing::read_file(kept / manifest);
  std::optional<std::uint64_t> last_end;
  for (std::uint64_t length = 0; length < bytes; ++length) {
    const auto scanned =
        rocks::scan_log(std::string_view(whole).substr(0, length), manifest,
                        {.whose = "", .code = ErrorCode::history_failed, .kind = rocks::LogKind::manifest});
    ASSERT_TRUE(scanned) << length;
    if (last_end == scanned->end) continue;  // RocksDB sees no more of it than at the length before
    last_end = scanned->end;
    SCOPED_TRACE(std::to_string(length) + " of " + std::to_string(bytes) + " bytes");
    std::filesystem::remove_all(shelf.path());
    std::filesystem::copy(kept, shelf.path(), std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(shelf.path() / manifest, length);
    const auto history = shelf.try_open();
    if (!history) {
      EXPECT_NE(history.error().detail.find(shelf.path().string()), std::string::npos) << history.error().detail;
      ++refusals;
      continue;
    }
    if ((*history)->safe_position() < Position(1)) continue;
    for (const auto& [series, samples] : runs_of(1)) {
      std::vector<Sample> stored;
      ASSERT_TRUE((*history)->read(series, kTimestampMin, kTimestampMax, SIZE_MAX, stored));
      ASSERT_EQ(stored, samples);
    }
  }
  EXPECT_GT(refusals, 3);
}

TEST(RocksHistory, with_a_flipped_bit_in_what_it_committed_is_refused_by_name) {
  RocksShelf shelf;
  {
    const auto history = shelf.open();
    for (std::uint64_t number = 1; number <= 3; ++number) {
      ASSERT_TRUE(history->write(runs_of(number)));
      ASSERT_TRUE(history->commit(Position(number), 0, {}));
    }
    shelf.env->cut();  // as a kill leaves it: nothing is flushed any more
  }
  std::mt19937_64 random(1);
  shelf.env->settle(random);
  std::filesystem::path log;
  for (const auto& file : std::filesystem::directory_iterator(shelf.path())) {
    if (file.path().extension() == ".log" && file.file_size() > 0) log = file.path();
  }
  const std::string whole = testing::read_file(log);
  ASSERT_GT(whole.size(), 1'000U);
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
    const auto looked = RocksHistory::open_to_look(shelf.path());
    ASSERT_FALSE(looked) << "byte " << at;
    ASSERT_NE(looked.error().detail.find(log.string() + " is damaged"), std::string::npos) << looked.error().detail;
  }
}

}  // namespace
}  // namespace temperature::history
