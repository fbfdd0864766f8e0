#include "pipeline/disk_policy.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/sizes.h"

namespace temperature::pipeline {
namespace {

using Event = DiskPolicy::Event;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kStart = timestamp_from_ms(1'700'000'000'000);
constexpr std::uint64_t kMiB = limits::kMiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;

TEST(DiskPolicy, refuses_writes_below_the_bound_and_takes_them_again_above_it) {
  DiskPolicy disk(1024 * kMiB);
  EXPECT_EQ(disk.look(kStart, 1024 * kMiB), Event::begun);
  EXPECT_FALSE(disk.closed());
  EXPECT_EQ(disk.look(kStart + seconds(1), 1024 * kMiB - 1), Event::closed);
  EXPECT_TRUE(disk.closed());
  EXPECT_EQ(disk.look(kStart + seconds(2), 1024 * kMiB), std::nullopt);
  EXPECT_TRUE(disk.closed()) << "it flutters at the edge";
  EXPECT_EQ(disk.look(kStart + seconds(3), 1152 * kMiB - 1), std::nullopt);
  EXPECT_TRUE(disk.closed());
  EXPECT_EQ(disk.look(kStart + seconds(4), 1152 * kMiB), Event::opened);
  EXPECT_FALSE(disk.closed());
  EXPECT_EQ(disk.look(kStart + seconds(5), 1024 * kMiB), std::nullopt);
  EXPECT_FALSE(disk.closed());
}

TEST(DiskPolicy, begins_closed_on_a_disk_that_is_full) {
  DiskPolicy disk(kGiB);
  EXPECT_EQ(disk.look(kStart, 0), Event::closed);
  EXPECT_TRUE(disk.closed());
}

TEST(DiskPolicy, never_refuses_without_a_bound) {
  DiskPolicy disk(0);
  EXPECT_EQ(disk.look(kStart, 0), Event::begun);
  EXPECT_FALSE(disk.closed());
}

// A disk that loses 24 GiB a day.
struct Shrinking {
  std::uint64_t free = 100 * kGiB;
  Timestamp now = kStart;
  DiskPolicy disk{4 * kGiB};
  std::vector<std::pair<Event, Duration>> said;

  void pass(Duration time, std::uint64_t each_minute) {
    for (const Timestamp end = now + time; now < end; now += minutes(1), free -= std::min(free, each_minute)) {
      if (const auto event = disk.look(now, free)) said.emplace_back(*event, now - kStart);
    }
  }
};

TEST(DiskPolicy, says_in_how_many_days_the_disk_will_be_full) {
  Shrinking shrinking;
  shrinking.pass(limits::kDiskRateFrom, kGiB / 60);
  EXPECT_EQ(shrinking.disk.days_left(), std::nullopt) << "an hour must pass first";
  shrinking.pass(minutes(2), kGiB / 60);
  ASSERT_TRUE(shrinking.disk.days_left());
  // (100 - 1 - 4) GiB at 24 GiB a day
  EXPECT_NEAR(*shrinking.disk.days_left(), 95.0 / 24, 0.01);
  shrinking.pass(hours(30), kGiB / 60);
  EXPECT_NEAR(*shrinking.disk.days_left(), 65.0 / 24, 0.03);
}

TEST(DiskPolicy, forgets_a_rate_that_was_another_days) {
  Shrinking shrinking;
  shrinking.pass(hours(2), kGiB / 6);
  shrinking.pass(hours(48), kMiB);
  const double left = static_cast<double>(shrinking.free - 4 * kGiB) / static_cast<double>(kMiB * 60 * 24);
  ASSERT_TRUE(shrinking.disk.days_left());
  EXPECT_NEAR(*shrinking.disk.days_left(), left, left / 100);
}

TEST(DiskPolicy, says_so_once_a_day_and_when_it_gets_near) {
  Shrinking shrinking;
  shrinking.pass(days(3), kMiB);  // 1.4 GiB a day of 96
  ASSERT_EQ(shrinking.said.size(), 3U);
  EXPECT_EQ(shrinking.said[0], std::pair(Event::begun, Duration(0)));
  EXPECT_EQ(shrinking.said[1], std::pair(Event::daily, Duration(days(1))));
  EXPECT_EQ(shrinking.said[2], std::pair(Event::daily, Duration(days(2))));
  shrinking.said.clear();
  shrinking.pass(days(2), 18 * kMiB);  // 25 GiB a day
  ASSERT_EQ(shrinking.said.size(), 3U);
  EXPECT_EQ(shrinking.said[0], std::pair(Event::daily, Duration(days(3))));
  EXPECT_EQ(shrinking.said[1].first, Event::near);
  EXPECT_EQ(shrinking.said[2].first, Event::near);
  EXPECT_EQ(shrinking.said[2].second - shrinking.said[1].second, days(1));
}

TEST(DiskPolicy, knows_no_rate_of_a_disk_that_does_not_shrink) {
  Shrinking shrinking;
  shrinking.pass(hours(5), 0);
  EXPECT_EQ(shrinking.disk.days_left(), std::nullopt);
}

}  // namespace
}  // namespace temperature::pipeline
