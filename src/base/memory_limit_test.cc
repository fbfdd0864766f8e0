#include "base/memory_limit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "testing/temporary_folder.h"

namespace temperature {
namespace {

class MemoryLimit : public ::testing::Test {
 protected:
  MemoryLimit() { write("proc/meminfo", "MemTotal:        8000 kB\nMemFree:          100 kB\n"); }

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path();
};

TEST_F(MemoryLimit, is_the_machines_where_nothing_is_less) {
  EXPECT_EQ(memory_limit(root_), 8'000U * 1'024);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(memory_limit(root_), 8'000U * 1'024);
}

TEST_F(MemoryLimit, is_that_of_a_group_or_of_one_above) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "5000000\n");
  EXPECT_EQ(memory_limit(root_), 5'000'000U);
  write("sys/fs/cgroup/a/memory.max", "4000000\n");
  EXPECT_EQ(memory_limit(root_), 4'000'000U);
}

TEST_F(MemoryLimit, is_that_of_a_group_of_version_1) {
  write("proc/self/cgroup", "12:cpu,cpuacct:/a\n4:memory:/a/b\n");
  write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(memory_limit(root_), 8'000U * 1'024);
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3000000\n");
  EXPECT_EQ(memory_limit(root_), 3'000'000U);
}

TEST_F(MemoryLimit, is_found_in_a_container_whose_groups_have_other_paths) {
  write("proc/self/cgroup", "0::/docker/0123\n");
  write("sys/fs/cgroup/memory.max", "2000000\n");
  EXPECT_EQ(memory_limit(root_), 2'000'000U);
}

}  // namespace
}  // namespace temperature
