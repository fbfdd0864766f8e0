#include "base/regular_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "testing/temporary_folder.h"

namespace temperature {
namespace {

class RegularFile : public ::testing::Test {
 protected:
  const testing::TemporaryFolder own_;
  const std::filesystem::path folder_ = own_.path();
  const std::filesystem::path file_ = folder_ / "file";
};

TEST_F(RegularFile, is_read_up_to_its_bound) {
  std::ofstream(file_, std::ios::binary) << std::string("a\0b\n", 4);
  EXPECT_EQ(read_regular_file(file_, 4).value(), std::string("a\0b\n", 4));
  EXPECT_FALSE(read_regular_file(file_, 3));
  EXPECT_TRUE(check_regular_file(file_, 4));
  EXPECT_FALSE(check_regular_file(file_, 3));
  std::ofstream(file_, std::ios::trunc).close();
  EXPECT_EQ(read_regular_file(file_, 0).value(), "");
}

TEST_F(RegularFile, that_says_it_is_empty_and_is_not_is_read) {
  EXPECT_NE(read_regular_file("/proc/self/status", 64 * 1024).value(), "");
  EXPECT_FALSE(read_regular_file("/proc/self/status", 10));
}

TEST_F(RegularFile, is_not_waited_for_where_something_else_stands) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_FALSE(read_regular_file(file_, 100));
  EXPECT_FALSE(check_regular_file(file_, 100));
  EXPECT_FALSE(read_regular_file(folder_, 100));
  EXPECT_FALSE(read_regular_file("/dev/zero", 100));
  EXPECT_FALSE(read_regular_file(folder_ / "none", 100));
  EXPECT_TRUE(read_regular_file(file_, 100).error().detail.contains(file_.string()));
}

TEST_F(RegularFile, may_be_named_by_a_link) {
  std::ofstream(file_) << "a";
  std::filesystem::create_symlink(file_, folder_ / "link");
  EXPECT_EQ(read_regular_file(folder_ / "link", 10).value(), "a");
}

}  // namespace
}  // namespace temperature
