#include "testing/power_cut_env.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "testing/temporary_folder.h"

namespace temperature::testing {
namespace {

class PowerCut : public ::testing::Test {
 protected:
  PowerCut() {
    std::filesystem::create_directory(folder_);
    std::filesystem::create_directory(place_.path() / "trash");
    EXPECT_TRUE(env_.NewDirectory(folder_.string(), &names_).ok());
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream stream(at(name), std::ios::binary);
    return stream ? std::string(std::istreambuf_iterator<char>(stream), {}) : "no such file";
  }
  std::unique_ptr<rocksdb::WritableFile> create(const std::string& name) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(env_.NewWritableFile(at(name), &file, {}).ok());
    return file;
  }
  void cut_and_settle(std::uint64_t seed) {
    env_.cut();
    std::mt19937_64 random(seed);
    env_.settle(random);
  }

  TemporaryFolder place_;
  std::filesystem::path folder_ = place_.path() / "store";
  PowerCutEnv env_{place_.path() / "trash"};
  std::unique_ptr<rocksdb::Directory> names_;
};

// A machine with one open file "a", whose name is synced.
struct MachineWithAFile {
  MachineWithAFile(const std::filesystem::path& trash, const std::filesystem::path& folder) : env(trash) {
    EXPECT_TRUE(env.NewDirectory(folder.string(), &names).ok());
    EXPECT_TRUE(env.NewWritableFile((folder / "a").string(), &file, {}).ok());
    EXPECT_TRUE(names->Fsync().ok());
    EXPECT_TRUE(env.NewRandomRWFile((folder / "a").string(), &filler, {}).ok());
  }
  void cut_and_settle(std::uint64_t seed) {
    env.cut();
    std::mt19937_64 random(seed);
    env.settle(random);
  }

  PowerCutEnv env;
  std::unique_ptr<rocksdb::Directory> names;
  std::unique_ptr<rocksdb::WritableFile> file;
  std::unique_ptr<rocksdb::RandomRWFile> filler;
};

TEST_F(PowerCut, keeps_what_was_synced_and_forgets_some_of_the_rest) {
  bool lost_all = false;
  bool lost_some = false;
  bool lost_none = false;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MachineWithAFile machine(place_.path() / "trash", folder_);
    auto& [env, names, file, filler] = machine;
    ASSERT_TRUE(file->Append("synced").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->Append("unsynced").ok());
    EXPECT_EQ(env.unsynced_bytes("a"), 8U);
    machine.cut_and_settle(seed);
    const std::string left = content("a");
    ASSERT_TRUE(std::string("syncedunsynced").starts_with(left) && left.size() >= 6) << left;
    lost_all = lost_all || left.size() == 6;
    lost_none = lost_none || left.size() == 14;
    lost_some = lost_some || (left.size() > 6 && left.size() < 14);
  }
  EXPECT_TRUE(lost_all && lost_some && lost_none);
}

TEST_F(PowerCut, forgets_sectors_that_were_written_over_a_filling_and_never_others) {
  const std::string synced(700, 's');
  const std::string unsynced(2000, 'u');
  bool in_the_middle = false;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MachineWithAFile machine(place_.path() / "trash", folder_);
    auto& [env, names, file, filler] = machine;
    ASSERT_TRUE(file->Append(synced).ok());
    ASSERT_TRUE(filler->Write(700, std::string(4000, 'f')).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->Append(unsynced).ok());
    machine.cut_and_settle(seed);
    const std::string left = content("a");
    ASSERT_EQ(left.size(), 4700U);
    ASSERT_EQ(left.substr(0, 700), synced);
    ASSERT_EQ(left.substr(2700), std::string(2000, 'f'));
    for (std::size_t from = 700; from < 2700;) {
      const std::size_t part = std::min(512 - from % 512, 2700 - from);
      const std::string sector = left.substr(from, part);
      ASSERT_TRUE(sector == std::string(part, 'u') || sector == std::string(part, 'f')) << from;
      from += part;
    }
    in_the_middle = in_the_middle || (left[700] == 'u' && left[1100] == 'f' && left[2600] == 'u');
    ASSERT_EQ(env.forgotten_sectors() > 0, std::ranges::count(left, 'u') < 2000);
  }
  EXPECT_TRUE(in_the_middle);
}

TEST_F(PowerCut, forgets_that_a_file_was_cut) {
  bool longer = false;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MachineWithAFile machine(place_.path() / "trash", folder_);
    auto& [env, names, file, filler] = machine;
    ASSERT_TRUE(file->Append("text").ok());
    ASSERT_TRUE(filler->Write(4, std::string(996, 'f')).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(file->Truncate(4).ok());
    machine.cut_and_settle(seed);
    const std::string left = content("a");
    ASSERT_TRUE(left == "text" + std::string(left.size() - 4, 'f')) << left.size();
    longer = longer || left.size() == 1000;
  }
  EXPECT_TRUE(longer);
}

TEST_F(PowerCut, forgets_a_file_whose_name_was_not_synced) {
  bool forgotten = false;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::filesystem::remove(at("a"));
    PowerCutEnv env(place_.path() / "trash");
    std::unique_ptr<rocksdb::WritableFile> file;
    ASSERT_TRUE(env.NewWritableFile(at("a"), &file, {}).ok());
    ASSERT_TRUE(file->Append("synced").ok());
    ASSERT_TRUE(file->Sync().ok());
    env.cut();
    std::mt19937_64 random(seed);
    env.settle(random);
    forgotten = forgotten || content("a") == "no such file";
  }
  EXPECT_TRUE(forgotten);
}

TEST_F(PowerCut, brings_back_what_was_deleted_or_renamed_over_before_the_names_were_synced) {
  bool old_ones = false;
  bool new_ones = false;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    PowerCutEnv env(place_.path() / "trash");
    for (const auto& [name, text] : {std::pair("gone", "g"), std::pair("current", "old"), std::pair("next", "new")}) {
      std::ofstream(at(name)) << text;
    }
    ASSERT_TRUE(env.DeleteFile(at("gone")).ok());
    ASSERT_TRUE(env.RenameFile(at("next"), at("current")).ok());
    env.cut();
    std::mt19937_64 random(seed);
    env.settle(random);
    const std::string current = content("current");
    ASSERT_TRUE(current == "old" || current == "new") << current;
    // The rename came last: while it stays, so does the deletion.
    const std::string gone = content("gone");
    ASSERT_TRUE(current == "old" || gone == "no such file") << gone;
    ASSERT_TRUE(current == "new" || content("next") == "new");
    old_ones = old_ones || content("gone") == "g";
    new_ones = new_ones || current == "new";
  }
  EXPECT_TRUE(old_ones && new_ones);
}

TEST_F(PowerCut, keeps_names_that_were_synced) {
  auto file = create("a");
  ASSERT_TRUE(file->Append("text").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(env_.RenameFile(at("a"), at("b")).ok());
  ASSERT_TRUE(names_->Fsync().ok());
  cut_and_settle(1);
  EXPECT_EQ(content("b"), "text");
  EXPECT_EQ(content("a"), "no such file");
}

TEST_F(PowerCut, refuses_everything_from_the_chosen_operation_on) {
  env_.cut_at(3);  // 1: the name, 2: the first write
  auto file = create("a");
  EXPECT_TRUE(file->Append("one").ok());
  EXPECT_FALSE(file->Append("two").ok());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_FALSE(env_.DeleteFile(at("a")).ok());
  EXPECT_TRUE(env_.is_cut());
}

TEST_F(PowerCut, fails_the_chosen_write_half_way_and_then_recovers) {
  auto file = create("000004.log");
  env_.fail(PowerCutEnv::Operation::write, 2, ".log", rocksdb::Status::NoSpace());
  EXPECT_TRUE(file->Append("one.").ok());
  EXPECT_TRUE(file->Append("two.").IsNoSpace());
  EXPECT_TRUE(env_.has_failed());
  EXPECT_TRUE(file->Append("three.").ok());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(content("000004.log"), "one.twthree.");
}

TEST_F(PowerCut, fails_the_chosen_sync_and_leaves_the_bytes_unsynced) {
  auto file = create("000004.log");
  auto other = create("000005.sst");
  env_.fail(PowerCutEnv::Operation::sync, 1, ".log", rocksdb::Status::IOError());
  EXPECT_TRUE(other->Sync().ok());
  EXPECT_TRUE(file->Append("text").ok());
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_EQ(env_.unsynced_bytes(".log"), 4U);
}

}  // namespace
}  // namespace temperature::testing
