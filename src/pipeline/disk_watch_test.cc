#include "pipeline/disk_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "pipeline/way_under_test.h"
#include "testing/comes_true.h"

namespace temperature::pipeline {
namespace {

class FakeDisk final : public DiskProbe {
 public:
  [[nodiscard]] std::optional<std::uint64_t> free() const override { return left_.load(); }
  void set(std::uint64_t left) { left_.store(left); }

 private:
  std::atomic<std::uint64_t> left_{1000};
};

class Journal {
 public:
  DiskWatch::Log log() {
    return [this](const std::string& what, bool grave) {
      if (!what.contains("free on the disk")) return;  // others say theirs
      const std::lock_guard lock(mutex_);
      lines_.push_back((grave ? "grave: " : "") + what);
    };
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

// The disk fills up: writes get disk_full before it is full, reads go on; somebody makes room, and it goes on by
// itself.
TEST(DiskWatch, has_writes_refused_while_the_disk_is_almost_full) {
  FakeDisk disk;
  Journal said;
  PipelineOptions options;
  options.disk = &disk;
  options.min_free_disk = 800;
  options.log = said.log();
  WayUnderTest way(in_memory(), options);
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  EXPECT_FALSE(way.pipeline().refuses_writes());
  EXPECT_EQ(way.pipeline().figures().disk_free, 1000U);

  disk.set(799);
  ASSERT_TRUE(testing::comes_true([&] { return way.pipeline().refuses_writes().has_value(); }));
  EXPECT_EQ(way.pipeline().refuses_writes()->code, ErrorCode::disk_full);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 20)}).error().code, ErrorCode::disk_full);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->value, 20);
  EXPECT_EQ(way.pipeline().figures().disk_free, 799U);
  EXPECT_EQ(way.pipeline().figures().disk_min_free, 800U);

  disk.set(900);
  ASSERT_TRUE(testing::comes_true([&] { return !way.pipeline().refuses_writes(); }));
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->duplicates, 1U);
  const auto lines = said.lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "1000 B are free on the disk");
  EXPECT_EQ(lines[1], "grave: writes are refused: 799 B are free on the disk, less than 800 B (--min-free-disk)");
  EXPECT_EQ(lines[2], "writes are taken again: 900 B are free on the disk");
}

TEST(DiskWatch, refuses_the_first_write_on_a_disk_that_is_full) {
  FakeDisk disk;
  disk.set(0);
  PipelineOptions options;
  options.disk = &disk;
  options.min_free_disk = 800;
  WayUnderTest way(in_memory(), options);
  way.start();
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 20)}).error().code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace temperature::pipeline
