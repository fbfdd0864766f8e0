#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <ranges>

#include "journal/shelf.h"
#include "journal/wal_scan.h"
#include "testing/effort.h"
#include "testing/read_file.h"

// What becomes of a journal whose files were damaged: it is refused by name, or only its torn tail is
// cut. It never opens as if nothing were missing.
namespace temperature::journal {
namespace {

using testing::read_file;

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class Damage : public ::testing::Test {
 protected:
  // Four batches of `readings` readings in a log, and how long the log was after each.
  void write(std::size_t readings) {
    {
      ProgramRun run(shelf);
      for (std::uint64_t number = 1; number <= 4; ++number) {
        ASSERT_TRUE(run.write(run.house.batch(number, readings)));
        ends.push_back(std::filesystem::file_size(shelf.files(".log").at(0)));
      }
      written = run.witness.batches();
    }
    ASSERT_EQ(written.size(), 4U);
    log = shelf.files(".log").at(0);
    bytes = read_file(log);
    ASSERT_EQ(ends.back(), bytes.size());
    std::filesystem::rename(shelf.path(), kept());
  }
  // Puts the folder back as it was after write().
  void restore() {
    std::filesystem::remove_all(shelf.path());
    std::filesystem::copy(kept(), shelf.path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path kept() const { return shelf.path().parent_path() / "kept"; }

  std::string refused() {
    ProgramRun run(shelf);
    if (run.recovery) return "not refused";
    EXPECT_EQ(run.recovery.error().code, ErrorCode::journal_damaged) << run.recovery.error().detail;
    EXPECT_TRUE(run.witness.deliveries.empty() ||
                std::ranges::equal(run.witness.batches(), written | std::views::take(run.witness.deliveries.size())));
    return run.recovery.error().detail;
  }

  RocksShelf shelf;
  std::vector<Told> written;
  std::vector<std::uintmax_t> ends;  // of the log, after each batch
  std::filesystem::path log;
  std::string bytes;  // of the log
};

TEST_F(Damage, of_a_torn_tail_takes_only_the_records_that_are_not_whole) {
  write(2);
  const auto between_records = [this](std::size_t length) {
    return std::ranges::any_of(ends, [length](std::uintmax_t end) { return length + 1 >= end && length <= end + 1; });
  };
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    if (length % testing::power_cut_stride() != 0 && !between_records(length)) continue;
    SCOPED_TRACE("the log's first " + std::to_string(length) + " bytes");
    restore();
    std::filesystem::resize_file(log, length);
    const auto whole =
        static_cast<std::size_t>(std::ranges::count_if(ends, [length](std::uintmax_t end) { return end <= length; }));
    const std::size_t torn = length - (whole == 0 ? 0 : ends[whole - 1]);
    shelf.log.clear();
    ProgramRun run(shelf);
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    ASSERT_EQ(run.witness.batches(), std::vector<Told>(written.begin(), written.begin() + static_cast<long>(whole)));
    ASSERT_EQ(run.recovery->cut_bytes, torn);
    ASSERT_EQ(shelf.log.size(), torn == 0 ? 0U : 1U);
    if (torn > 0) {
      ASSERT_NE(shelf.log[0].find(std::to_string(torn) + " bytes"), std::string::npos) << shelf.log[0];
    }
    ASSERT_TRUE(run.write(run.house.batch(9)));
  }
}

TEST_F(Damage, of_any_single_bit_of_a_small_log_is_refused_by_name) {
  write(2);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto scanned = scan_wal(damaged, "000004.log");
      ASSERT_FALSE(scanned) << "bit " << bit << " of byte " << at;
      ASSERT_EQ(scanned.error().code, ErrorCode::journal_damaged);
      ASSERT_NE(scanned.error().detail.find("file 000004.log is damaged at byte"), std::string::npos);
    }
  }
}

TEST_F(Damage, of_a_byte_anywhere_refuses_to_open_and_names_file_and_place) {
  write(5000);  // 50 KB each: records of several fragments
  const std::uint64_t seed = 20'26;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    restore();
    std::string damaged = bytes;
    const std::size_t at = random() % bytes.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random() % 255));
    write_file(log, damaged);
    const std::string refusal = refused();
    ASSERT_NE(refusal.find(log.string() + " is damaged at byte "), std::string::npos)
        << refusal << "; byte " << at << " was damaged";
    const auto named = std::stoull(refusal.substr(refusal.find("at byte ") + 8));
    ASSERT_LE(named, at);
    ASSERT_LT(at - named, 32'768U) << "the place named is the damaged fragment's beginning";
  }
}

TEST_F(Damage, of_a_stretch_that_became_zeros_is_refused) {
  write(5000);
  for (std::size_t at = 512; at + 512 < ends[2]; at += 4096) {
    restore();
    std::string damaged = bytes;
    damaged.replace(at, 512, std::string(512, '\0'));
    write_file(log, damaged);
    ASSERT_NE(refused().find("is damaged at byte"), std::string::npos) << at;
  }
}

TEST_F(Damage, of_a_large_torn_record_takes_no_other) {
  write(5000);
  std::mt19937_64 random(7);
  for (int i = 0; i < 30; ++i) {
    restore();
    const std::size_t length = ends[2] + random() % (ends[3] - ends[2]);
    SCOPED_TRACE("the log's first " + std::to_string(length) + " bytes");
    std::filesystem::resize_file(log, length);
    ProgramRun run(shelf);
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    ASSERT_EQ(run.witness.batches(), std::vector<Told>(written.begin(), written.begin() + 3));
    ASSERT_EQ(run.recovery->cut_bytes, length - ends[2]);
  }
}

TEST_F(Damage, of_a_tail_of_zeros_takes_no_record) {
  write(2);
  restore();
  write_file(log, bytes + std::string(4096, '\0'));
  ProgramRun run(shelf);
  ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
  EXPECT_EQ(run.witness.batches(), written);
}

// A log that is filled ahead, as a crash leaves it.
class DamageOfAFilledLog : public Damage {
 protected:
  // Twelve batches, and one of `readings` readings, which the log had room for.
  void write_and_crash(std::size_t readings) {
    {
      ProgramRun run(shelf);
      ASSERT_TRUE(run.write(run.house.batch(1, readings)));
      for (std::uint64_t number = 2; number <= 12; ++number) ASSERT_TRUE(run.write(run.house.batch(number, 2)));
      log = shelf.files(".log").at(0);
      before = text_end(read_file(log));
      const std::uintmax_t room = std::filesystem::file_size(log);
      ASSERT_TRUE(run.write(run.house.batch(13, readings)));
      std::filesystem::copy(shelf.path(), kept(), std::filesystem::copy_options::recursive);
      written = run.witness.batches();
      bytes = read_file(kept() / log.filename());
      ASSERT_EQ(bytes.size(), room);
      ASSERT_EQ(std::filesystem::file_size(log), room);
    }
    ASSERT_EQ(std::filesystem::file_size(log), text_end(bytes)) << "a log that is closed has no filling";
    end = text_end(bytes);
    ASSERT_GT(end, before + readings * 8);
  }
  void restore_with(const std::string& damaged) {
    restore();
    write_file(log, damaged);
  }

  static std::size_t text_end(const std::string& content) {
    std::size_t at = content.size();
    while (at > 0 && content[at - 1] == rocks::filling_at(at - 1)) --at;
    return at;
  }

  std::size_t before = 0;  // where the last record begins
  std::size_t end = 0;     // and where it ends
};

TEST_F(DamageOfAFilledLog, there_is_none_after_a_crash) {
  ASSERT_NO_FATAL_FAILURE(write_and_crash(2));
  restore();
  ProgramRun run(shelf);
  ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
  EXPECT_EQ(run.witness.batches(), written);
  EXPECT_EQ(run.recovery->cut_bytes, 0U);
  EXPECT_TRUE(shelf.log.empty()) << shelf.log[0];
  EXPECT_TRUE(run.write(run.house.batch(14)));
}

TEST_F(DamageOfAFilledLog, by_sectors_that_were_not_written_takes_only_the_last_record) {
  ASSERT_NO_FATAL_FAILURE(write_and_crash(3000));  // over 24 KB
  std::mt19937_64 random(20'27);
  for (std::uint64_t i = 0; i < 100; i += testing::power_cut_stride()) {
    std::string torn = bytes;
    while (torn == bytes) {
      const std::uint64_t odds = 1 + random() % 4;
      for (std::size_t at = before; at < end;) {
        const std::size_t next = std::min(at + 512 - at % 512, end);
        for (const bool unwritten = random() % 4 < odds; at < next; ++at) {
          if (unwritten) torn[at] = rocks::filling_at(at);
        }
      }
    }
    restore_with(torn);
    shelf.log.clear();
    ProgramRun run(shelf);
    ASSERT_TRUE(run.recovery) << i << ": " << run.recovery.error().detail;
    ASSERT_TRUE(std::ranges::equal(run.witness.batches(), written | std::views::take(12)));
    ASSERT_EQ(run.recovery->cut_bytes, std::max(text_end(torn), before) - before);
    ASSERT_TRUE(run.write(run.house.batch(14)));
  }
}

TEST_F(DamageOfAFilledLog, of_a_byte_anywhere_is_refused_by_name) {
  ASSERT_NO_FATAL_FAILURE(write_and_crash(3000));
  std::mt19937_64 random(20'28);
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    const std::size_t at = i % 2 == 0 ? random() % before : before + random() % (end - before);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random() % 255));
    restore_with(damaged);
    ASSERT_NE(refused().find(log.string() + " is damaged at byte "), std::string::npos) << at;
  }
}

TEST_F(DamageOfAFilledLog, of_a_sector_before_the_last_record_is_refused) {
  ASSERT_NO_FATAL_FAILURE(write_and_crash(100));
  std::string damaged = bytes;
  for (std::size_t at = before - 512; at < before; ++at) damaged[at] = rocks::filling_at(at);
  restore_with(damaged);
  EXPECT_NE(refused().find("is damaged at byte"), std::string::npos);
}

TEST_F(Damage, by_the_loss_of_any_file_is_noticed) {
  write(2);
  restore();
  {
    ProgramRun run(shelf);
  }  // the log's records are in a file of their own now
  std::vector<std::string> lost;
  std::filesystem::remove_all(kept());
  std::filesystem::rename(shelf.path(), kept());
  for (const auto& entry : std::filesystem::directory_iterator(kept())) {
    const std::string name = entry.path().filename().string();
    const bool matters =
        name.ends_with(".sst") || name.ends_with(".log") || name.starts_with("MANIFEST") || name == "CURRENT";
    if (!matters) continue;
    restore();
    std::filesystem::remove(shelf.path() / name);
    ProgramRun run(shelf);
    EXPECT_FALSE(run.recovery) << "without " << name;
    lost.push_back(name);
  }
  EXPECT_EQ(lost.size(), 4U);
}

TEST_F(Damage, by_the_loss_of_the_first_log_is_noticed) {
  write(2);
  restore();
  std::filesystem::remove(log);
  EXPECT_NE(refused().find("*.log, is missing"), std::string::npos) << refused();
}

TEST_F(Damage, of_a_file_of_records_is_refused_or_harmless) {
  write(2000);
  restore();
  {
    ProgramRun run(shelf);
  }
  std::filesystem::remove_all(kept());
  std::filesystem::rename(shelf.path(), kept());
  restore();
  const auto table = shelf.files(".sst").at(0);
  const std::string whole = read_file(table);
  std::mt19937_64 random(11);
  int refusals = 0;
  for (int i = 0; i < 60; ++i) {
    restore();
    std::string damaged = whole;
    const std::size_t at = random() % whole.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + random() % 255));
    write_file(table, damaged);
    ProgramRun run(shelf);
    if (run.recovery) {
      ASSERT_EQ(run.witness.batches(), written) << "byte " << at;
    } else {
      ASSERT_EQ(run.recovery.error().code, ErrorCode::journal_damaged) << run.recovery.error().detail;
      ++refusals;
    }
  }
  EXPECT_GT(refusals, 30);  // most of the file's bytes are records
}

TEST_F(Damage, leaves_an_opening_that_was_interrupted_at_its_beginning_alone) {
  // RocksDB had written its first manifest, and not yet told CURRENT.
  write_file(shelf.path() / "MANIFEST-000001", "");
  ProgramRun run(shelf);
  ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
  EXPECT_TRUE(run.write(run.house.batch(1)));
}

}  // namespace
}  // namespace temperature::journal
