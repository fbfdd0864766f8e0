#include "upkeep/backup.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "history/rocks_history.h"
#include "testing/read_file.h"
#include "testing/temporary_folder.h"
#include "upkeep/backup_desk.h"
#include "upkeep/files.h"
#include "upkeep/restore.h"

namespace temperature::upkeep {
namespace {

namespace fs = std::filesystem;

constexpr Timestamp kNow = timestamp_from_ms(1'700'000'000'000);
constexpr SeriesId kStove{0};

using testing::read_file;

// A data folder with a history, and what lies beside it.
class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(data());
    auto opened = history::RocksHistory::open({.path = data() / "history", .env = nullptr, .log = {}});
    ASSERT_TRUE(opened) << opened.error().detail;
    history = std::move(*opened);
    write(1);
    std::ofstream(data() / "FORMAT") << "temperature-service 2\n";
    std::ofstream(data() / "LOCK") << "";
    std::ofstream(data() / "CRASH.2") << "of this folder alone";
    std::ofstream(data() / "admin.key") << "secret\n";
    fs::permissions(data() / "admin.key", fs::perms::owner_read | fs::perms::owner_write);
    fs::create_directory(data() / "lost+found");
  }

  void write(std::uint64_t number) {
    const std::vector<history::Run> runs{
        {kStove, {{kNow + std::chrono::seconds(number), static_cast<double>(number)}}}};
    ASSERT_TRUE(history->write(runs));
    ASSERT_TRUE(history->commit(Position(number), 0, {}));
  }

  [[nodiscard]] fs::path data() const { return place.path() / "data"; }
  [[nodiscard]] fs::path target() const { return place.path() / "backup"; }
  [[nodiscard]] BackupSource source() {
    return {.data_dir = data(),
            .stores = {{"history", &history->db()}},
            .hold_journal =
                [this] {
                  ++holds;
                  return std::shared_ptr<void>(this, [this](void*) { --holds; });
                },
            .positions = [this] { return std::pair(history->safe_position(), Position(9)); }};
  }

  testing::TemporaryFolder place;
  std::unique_ptr<history::RocksHistory> history;
  int holds = 0;
};

TEST_F(BackupTest, has_everything_of_its_moment_and_nothing_later) {
  const auto stamp = make_backup(source(), target(), kNow);
  ASSERT_TRUE(stamp) << stamp.error().detail;
  EXPECT_EQ(stamp->taken, kNow);
  EXPECT_EQ(stamp->history, Position(1));
  EXPECT_EQ(stamp->journal, Position(9));
  EXPECT_EQ(holds, 0) << "the journal is let go";
  EXPECT_FALSE(fs::exists(target().string() + ".partial"));
  EXPECT_EQ(read_file(target() / "FORMAT"), "temperature-service 2\n");
  EXPECT_EQ(read_file(target() / "admin.key"), "secret\n");
  EXPECT_EQ(fs::status(target() / "admin.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(target()).permissions(), fs::perms::owner_all) << "there are keys in it";
  EXPECT_FALSE(fs::exists(target() / "LOCK"));
  EXPECT_FALSE(fs::exists(target() / "CRASH.2")) << "it would be reported once more by who restores it";
  write(2);

  const auto copy = history::RocksHistory::open({.path = target() / "history", .env = nullptr, .log = {}});
  ASSERT_TRUE(copy) << copy.error().detail;
  EXPECT_EQ((*copy)->safe_position(), Position(1));
  std::vector<Sample> samples;
  ASSERT_TRUE((*copy)->read(kStove, kTimestampMin, kTimestampMax, 10, samples));
  EXPECT_EQ(samples, (std::vector<Sample>{{kNow + std::chrono::seconds(1), 1}}));
}

TEST_F(BackupTest, is_restored_into_a_new_folder) {
  ASSERT_TRUE(make_backup(source(), target(), kNow));
  const fs::path fresh = place.path() / "somewhere" / "new";
  std::uint64_t told = 0;
  const auto stamp = restore(target(), fresh, [&told](std::uint64_t bytes) { told = bytes; });
  ASSERT_TRUE(stamp) << stamp.error().detail;
  EXPECT_EQ(stamp->journal, Position(9));
  EXPECT_EQ(told, bytes_in(fresh));
  EXPECT_TRUE(read_file(fresh / "FORMAT").starts_with("temperature-service 2\njournal_id "));
  EXPECT_FALSE(fs::exists(fresh / kBackupFile));
  const auto copy = history::RocksHistory::open({.path = fresh / "history", .env = nullptr, .log = {}});
  ASSERT_TRUE(copy) << copy.error().detail;
  EXPECT_EQ((*copy)->safe_position(), Position(1));

  EXPECT_FALSE(restore(target(), fresh, [](std::uint64_t) {})) << "it is not empty";
  EXPECT_FALSE(restore(place.path(), place.path() / "other", [](std::uint64_t) {})) << "that is no backup";
  EXPECT_FALSE(fs::exists(place.path() / "other"));
}

TEST_F(BackupTest, goes_only_where_nothing_is) {
  const auto code = [this](const fs::path& folder) {
    const auto checked = check_backup_folder(data(), folder);
    return checked ? std::string("well") : std::string(traits(checked.error().code).code);
  };
  EXPECT_EQ(code(target()), "well");
  EXPECT_EQ(code("relative"), "directory_invalid");
  EXPECT_EQ(code(target() / ""), "directory_invalid");
  EXPECT_EQ(code(place.path() / "nowhere" / "backup"), "directory_invalid");
  EXPECT_EQ(code(data() / "backup"), "directory_invalid");
  EXPECT_EQ(code(data() / ".." / "data" / "backup"), "directory_invalid");
  EXPECT_EQ(code(data()), "directory_invalid");
  EXPECT_EQ(code(data() / "FORMAT"), "directory_invalid");
  // To give the whole backup its name would fail, after all of it was copied.
  std::filesystem::create_directory(place.path() / "elsewhere");
  std::filesystem::create_directory_symlink(place.path() / "elsewhere", place.path() / "link");
  EXPECT_EQ(code(place.path() / "link"), "directory_invalid");
  fs::create_directory(target());
  EXPECT_EQ(code(target()), "well");
  fs::create_directory(target().string() + ".partial");
  EXPECT_EQ(code(target()), "directory_invalid");
}

TEST_F(BackupTest, leaves_nothing_when_it_fails) {
  fs::create_directory(data() / "unknown");
  std::ofstream(data() / "unknown" / "CURRENT") << "MANIFEST-000001\n";
  const auto stamp = make_backup(source(), target(), kNow);
  ASSERT_FALSE(stamp);
  EXPECT_NE(stamp.error().detail.find("nobody copied unknown"), std::string::npos);
  EXPECT_FALSE(fs::exists(target()));
  EXPECT_FALSE(fs::exists(target().string() + ".partial"));
  EXPECT_EQ(holds, 0);
}

TEST(BackupStamp, is_read_as_it_was_written) {
  const testing::TemporaryFolder place;
  const BackupStamp stamp{kNow, Position(7), Position(9), 12'345};
  ASSERT_TRUE(write_file(place.path() / kBackupFile, encode_stamp(stamp)));
  const auto back = read_stamp(place.path());
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->taken, kNow);
  EXPECT_EQ(back->history, Position(7));
  EXPECT_EQ(back->journal, Position(9));
  EXPECT_EQ(back->bytes, 12'345U);
  for (const char* other : {"", "temperature-service backup 2\n", "another backup 1\ntaken x\n"}) {
    ASSERT_TRUE(write_file(place.path() / kBackupFile, other));
    EXPECT_FALSE(read_stamp(place.path())) << other;
  }
}

TEST(BackupDesk, makes_one_at_a_time_and_tells_of_it) {
  const testing::TemporaryFolder place;
  fs::create_directory(place.path() / "data");
  std::atomic<bool> let_go{false};
  std::atomic<bool> fails{false};
  BackupDesk desk(place.path() / "data", [&](const fs::path& folder) -> Result<BackupStamp> {
    while (!let_go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (fails) return failure(ErrorCode::disk_full, "told to fail");
    fs::create_directory(folder);
    return BackupStamp{kNow, Position(1), Position(2), 77};
  });
  const auto ended = [&desk] {
    while (desk.status().state == BackupDesk::State::running) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return desk.status();
  };
  EXPECT_EQ(desk.status().state, BackupDesk::State::none);
  EXPECT_EQ(desk.begin("relative").error().code, ErrorCode::directory_invalid);
  ASSERT_TRUE(desk.begin(place.path() / "one"));
  EXPECT_EQ(desk.status().state, BackupDesk::State::running);
  EXPECT_EQ(desk.begin(place.path() / "two").error().code, ErrorCode::backup_running);
  let_go = true;
  auto status = ended();
  EXPECT_EQ(status.state, BackupDesk::State::done);
  EXPECT_EQ(status.folder, place.path() / "one");
  EXPECT_EQ(status.bytes, 77U);
  fails = true;
  ASSERT_TRUE(desk.begin(place.path() / "two"));
  status = ended();
  EXPECT_EQ(status.state, BackupDesk::State::failed);
  EXPECT_EQ(status.error->code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace temperature::upkeep
