#include "rocks/log_scan.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "rocks/rocks.h"
#include "testing/read_file.h"
#include "testing/temporary_folder.h"

// What becomes of the logs of a RocksDB instance that were damaged.
namespace temperature::rocks {
namespace {

namespace fs = std::filesystem;
using testing::read_file;

constexpr LogRules kAllSynced{.whose = "the store", .code = ErrorCode::history_failed};
constexpr LogRules kSomeSynced{
    .whose = "the store", .code = ErrorCode::history_failed, .synced = [](std::string_view record) {
      return record.find("commit") != std::string_view::npos;
    }};

// A store with records of some hundred bytes in its log, one of them over three blocks.
class LogScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    set_common(options, nullptr);
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder().string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    for (const std::string key : {"piece 1", "commit 1", "piece 2", "piece 3"}) put(*db, key, 300);
    put(*db, "piece 4", 70'000);
    put(*db, "commit 2", 300);
    put(*db, "piece 5", 300);
  }
  void put(rocksdb::DB& db, const std::string& key, std::size_t bytes) {
    rocksdb::WriteOptions write;
    write.sync = true;
    ASSERT_TRUE(db.Put(write, key, std::string(bytes, 'v')).ok());
    ends.push_back(fs::file_size(log()));
  }

  [[nodiscard]] fs::path folder() const { return place.path() / "store"; }
  [[nodiscard]] fs::path log() const {
    fs::path found;
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().extension() == ".log") found = file.path();
    }
    return found;
  }
  [[nodiscard]] fs::path manifest() const { return folder() / current_manifest(folder()); }
  void damage(const fs::path& file, const std::string& bytes) const {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  [[nodiscard]] std::string refusal() const {
    const auto checked = check_manifest(folder(), kAllSynced);
    return checked ? "none" : checked.error().detail;
  }

  testing::TemporaryFolder place;
  std::vector<std::uint64_t> ends;  // of the log, after each record
};

TEST_F(LogScanTest, finds_all_records_of_what_is_whole) {
  const auto scan = scan_log(read_file(log()), "a.log", kAllSynced);
  ASSERT_TRUE(scan) << scan.error().detail;
  EXPECT_EQ(scan->records, ends.size());
  EXPECT_EQ(scan->end, ends.back());
  EXPECT_EQ(scan->torn_bytes, 0U);
  EXPECT_EQ(refusal(), "none");
}

TEST_F(LogScanTest, takes_a_cut_for_an_end) {
  const std::string whole = read_file(log());
  for (std::size_t length = 0; length <= whole.size(); length += length < 3'000 || length > 70'000 ? 1 : 997) {
    const auto scan = scan_log(whole.substr(0, length), "a.log", kAllSynced);
    ASSERT_TRUE(scan) << length << " bytes: " << scan.error().detail;
    const auto records = std::ranges::count_if(ends, [&](std::uint64_t end) { return end <= length; });
    ASSERT_EQ(scan->records, static_cast<std::uint64_t>(records)) << length << " bytes";
  }
}

TEST_F(LogScanTest, takes_no_flipped_bit_for_one) {
  std::string bytes = read_file(log());
  for (std::size_t at = 0; at < bytes.size(); at += at < 3'000 || at > 70'000 ? 1 : 4'001) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    const auto scan = scan_log(bytes, "a.log", kAllSynced);
    ASSERT_FALSE(scan) << "byte " << at;
    ASSERT_NE(scan.error().detail.find("the store's file a.log is damaged"), std::string::npos) << scan.error().detail;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
  }
}

TEST_F(LogScanTest, lets_a_power_cut_take_what_was_not_synced) {
  const std::string whole = read_file(log());
  const auto with_zeros = [&](std::uint64_t from, std::uint64_t to) {
    std::string bytes = whole;
    std::fill(bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(to), '\0');
    return bytes;
  };
  // A whole sector of the fourth piece never reached the disk, and no commit behind it did.
  const std::string torn = with_zeros(40'960, 41'472).substr(0, ends[4]);
  const auto scan = scan_log(torn, "a.log", kSomeSynced);
  ASSERT_TRUE(scan) << scan.error().detail;
  EXPECT_EQ(scan->end, ends[3]);
  EXPECT_FALSE(scan_log(with_zeros(40'960, 41'472), "a.log", kSomeSynced)) << "a commit stands behind it";
  // The same of a record before others that were not synced either.
  const auto hole = scan_log(with_zeros(ends[1], ends[2]).substr(0, ends[4]), "a.log", kSomeSynced);
  ASSERT_TRUE(hole) << hole.error().detail;
  EXPECT_EQ(hole->end, ends[1]);
  EXPECT_FALSE(scan_log(with_zeros(ends[1], ends[2]), "a.log", kSomeSynced));
  EXPECT_FALSE(scan_log(with_zeros(ends[1], ends[2]).substr(0, ends[4]), "a.log", kAllSynced));
}

TEST_F(LogScanTest, refuses_a_log_that_stands_there_twice) {
  const std::string whole = read_file(log());
  const auto twice = scan_log(whole + whole, "a.log", kAllSynced);
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().detail.find("an earlier write stands again"), std::string::npos) << twice.error().detail;
  const std::string one = whole.substr(0, ends[0]);
  EXPECT_FALSE(scan_log(one + one, "a.log", kAllSynced));
}

TEST_F(LogScanTest, refuses_any_flipped_bit_of_a_manifest_by_name) {
  const fs::path file = manifest();
  const std::string whole = read_file(file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    damage(file, bytes);
    ASSERT_NE(refusal().find(file.string() + " is damaged"), std::string::npos) << "byte " << at << ": " << refusal();
  }
  damage(file, whole + whole);
  EXPECT_NE(refusal().find(file.string() + " is there twice"), std::string::npos) << refusal();
  damage(file, "");
  EXPECT_NE(refusal().find(file.string() + " is cut"), std::string::npos) << refusal();
  fs::remove(file);
  EXPECT_NE(refusal().find(file.string() + " is missing"), std::string::npos) << refusal();
}

TEST_F(LogScanTest, refuses_a_current_that_names_no_manifest) {
  const fs::path file = folder() / "CURRENT";
  const std::string whole = read_file(file);
  for (const std::string& bytes : {std::string(), whole.substr(0, whole.size() - 1), whole + whole, "N" + whole,
                                   std::string("MANIFEST-\n"), std::string("MANIFEST-x00005\n")}) {
    damage(file, bytes);
    EXPECT_NE(refusal().find(file.string() + " is damaged"), std::string::npos) << bytes << ": " << refusal();
  }
  fs::remove(file);
  EXPECT_NE(refusal().find(file.string() + " is missing"), std::string::npos) << refusal();
}

TEST(LogScan, leaves_a_folder_alone_that_was_never_opened) {
  const testing::TemporaryFolder place;
  EXPECT_TRUE(check_manifest(place.path() / "nothing", kAllSynced));
  EXPECT_TRUE(check_manifest(place.path(), kAllSynced));
  std::ofstream(place.path() / "MANIFEST-000001") << "begun";
  EXPECT_TRUE(check_manifest(place.path(), kAllSynced)) << "a first opening was interrupted";
}

}  // namespace
}  // namespace temperature::rocks
