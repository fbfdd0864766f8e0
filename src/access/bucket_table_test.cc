#include "access/bucket_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

namespace temperature::access {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Rate kRate{.per_second = 10, .burst = 600};

bool take(BucketTable& table, std::string_view owner, double cost, nanoseconds now, const Rate& rate = kRate) {
  return table.take(LimitKind::sensor, owner, rate, cost, now).taken;
}

TEST(BucketTable, GivesTheBurstAtOnceThenTheRate) {
  BucketTable table;
  nanoseconds now = seconds(100);
  EXPECT_TRUE(take(table, "s1", 600, now));
  EXPECT_FALSE(take(table, "s1", 1, now));
  now += std::chrono::milliseconds(99);
  EXPECT_FALSE(take(table, "s1", 1, now));
  now += std::chrono::milliseconds(1);
  EXPECT_TRUE(take(table, "s1", 1, now));
  EXPECT_FALSE(take(table, "s1", 1, now));
  now += seconds(3'600);  // no more than the burst is saved up
  EXPECT_TRUE(take(table, "s1", 600, now));
  EXPECT_FALSE(take(table, "s1", 1, now));
}

TEST(BucketTable, SaysWhenToComeAgain) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  ASSERT_TRUE(take(table, "s1", 590, now));
  const auto refused = table.take(LimitKind::sensor, "s1", kRate, 40, now);
  EXPECT_FALSE(refused.taken);
  EXPECT_NEAR(refused.remaining, 10, 1e-6);
  EXPECT_EQ(refused.available_in, seconds(3));  // 30 more at 10 a second
  EXPECT_FALSE(take(table, "s1", 40, now + seconds(3) - nanoseconds(1)));
  EXPECT_TRUE(take(table, "s1", 40, now + seconds(3)));
}

TEST(BucketTable, TakesNothingWhenItRefusesOrIsAsked) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  ASSERT_TRUE(take(table, "s1", 590, now));
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(take(table, "s1", 11, now));
    EXPECT_TRUE(take(table, "s1", 0, now));
  }
  EXPECT_TRUE(take(table, "s1", 10, now));
  EXPECT_FALSE(take(table, "s1", 0, now));
}

TEST(BucketTable, GivesBack) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  ASSERT_TRUE(take(table, "s1", 600, now));
  table.give_back(LimitKind::sensor, "s1", kRate, 600);
  EXPECT_TRUE(take(table, "s1", 600, now));
  table.give_back(LimitKind::sensor, "never seen", kRate, 5);
}

TEST(BucketTable, TakesABacklogFromAFullBucketWhichThenOwesIt) {
  BucketTable table;
  nanoseconds now = seconds(100);
  EXPECT_TRUE(take(table, "s1", 1'600, now));  // beyond the burst
  EXPECT_FALSE(take(table, "s1", 1'600, now));
  EXPECT_FALSE(take(table, "s1", 1, now + seconds(100)));  // 1,000 are owed: 100 s
  EXPECT_TRUE(take(table, "s1", 1, now + seconds(100) + std::chrono::milliseconds(100)));
  now += seconds(1'000);
  ASSERT_TRUE(take(table, "s1", 1, now));
  EXPECT_FALSE(take(table, "s1", 1'600, now));  // not from one that is not full
  EXPECT_TRUE(take(table, "s1", 1'600, now + std::chrono::milliseconds(100)));
}

TEST(BucketTable, OwesNoMoreThanADay) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  EXPECT_TRUE(take(table, "s1", 1e12, now));
  const auto refused = table.take(LimitKind::sensor, "s1", kRate, 600, now);
  EXPECT_EQ(refused.available_in, std::chrono::hours(24) + seconds(60));
}

TEST(BucketTable, KeepsOwnersAndKindsApart) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  ASSERT_TRUE(take(table, "s1", 600, now));
  EXPECT_TRUE(take(table, "s2", 600, now));
  EXPECT_TRUE(table.take(LimitKind::key, "s1", kRate, 600, now).taken);
}

// Against the plain rule: a level that rises with time up to the burst, and falls by what is taken.
TEST(BucketTable, AgreesWithAPlainBucket) {
  BucketTable table;
  std::mt19937 random(20'261'125);
  struct Plain {
    double level = 600;
    nanoseconds at{};
  };
  std::map<std::string, Plain> plain;
  nanoseconds now = seconds(1);
  int refused = 0;
  for (int step = 0; step < 200'000; ++step) {
    now += std::chrono::milliseconds(random() % 20);  // whole tenths of a reading: no rounding decides
    const std::string owner = "s" + std::to_string(random() % 8);
    const double cost = 1 + static_cast<double>(random() % 12);
    Plain& bucket = plain[owner];
    bucket.level = std::min(600.0, bucket.level + std::chrono::duration<double>(now - bucket.at).count() * 10);
    bucket.at = now;
    if (std::abs(bucket.level - cost) < 1e-6) continue;  // where rounding would decide
    const bool want = bucket.level > cost;
    if (want) bucket.level -= cost;
    ASSERT_EQ(take(table, owner, cost, now), want) << step;
    refused += want ? 0 : 1;
  }
  EXPECT_GT(refused, 1'000);
}

TEST(BucketTable, RemembersMillionsInBoundedMemory) {
  BucketTable table;
  const nanoseconds now = seconds(100);
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(take(table, std::to_string(i), 600, now));
  for (int i = 0; i < 1'000'000; ++i) ASSERT_FALSE(take(table, std::to_string(i), 1, now)) << i;
  EXPECT_LE(table.bytes(), limits::kBucketsMax * 16);
  // All are full again: others take their places.
  const std::size_t before = table.bytes();
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(take(table, "x" + std::to_string(i), 1, now + seconds(61)));
  EXPECT_LE(table.bytes(), 2 * before);
}

TEST(BucketTable, ForgetsTheFullestWhenThereIsNoRoom) {
  constexpr std::size_t kBuckets = 4'096;
  BucketTable table(kBuckets);
  const nanoseconds now = seconds(100);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(take(table, "empty" + std::to_string(i), 600, now));
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(take(table, std::to_string(i), 1, now));
  EXPECT_LE(table.bytes(), kBuckets * 16);
  int remembered = 0;
  for (int i = 0; i < 1'000; ++i) remembered += take(table, "empty" + std::to_string(i), 1, now) ? 0 : 1;
  EXPECT_GT(remembered, 990);  // a flood of others does not free those who are limited
}

TEST(BucketTable, GivesNoMoreThanThereIsToManyThreads) {
  BucketTable table;
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1'000; ++n) taken += take(table, "s1", 1, seconds(100)) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken.load(), 600);
}

}  // namespace
}  // namespace temperature::access
