#include "app/file_watch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace temperature::app {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 public:
  ~FileWatchTest() override { fs::remove_all(folder_); }

 protected:
  FileWatchTest() {
    std::string name = (fs::temp_directory_path() / "file-watch-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    write("map", "one");
  }

  void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name) << text; }

  fs::path folder_;
};

TEST_F(FileWatchTest, WhatIsThereIsNoChange) {
  FileWatch watch({folder_ / "map"});
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, AChangeCountsOnceItIsWhole) {
  FileWatch watch({folder_ / "map"});
  write("map", "one and");
  EXPECT_FALSE(watch.changed()) << "it may be being written";
  write("map", "one and two");
  EXPECT_FALSE(watch.changed()) << "it was";
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed()) << "once";
}

TEST_F(FileWatchTest, WhatIsReadAnywayIsNoChange) {
  FileWatch watch({folder_ / "map"});
  write("map", "one and two");
  watch.skip();
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatIsReplacedIsAChange) {
  FileWatch watch({folder_ / "map"});
  write("next", "two");
  fs::rename(folder_ / "next", folder_ / "map");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, ALinkThatPointsElsewhereIsAChange) {
  write("other", "two");
  fs::create_symlink(folder_ / "map", folder_ / "link");
  FileWatch watch({folder_ / "link"});
  fs::create_symlink(folder_ / "other", folder_ / "link.new");
  fs::rename(folder_ / "link.new", folder_ / "link");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatIsGoneIsNoChangeUntilItIsBack) {
  write("key", "key");
  FileWatch watch({folder_ / "map", folder_ / "key"});
  fs::rename(folder_ / "key", folder_ / "away");
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
  fs::rename(folder_ / "away", folder_ / "key");
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed()) << "it is what it was";
  write("key", "another");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

}  // namespace
}  // namespace temperature::app
