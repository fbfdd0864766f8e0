#include "pipeline/keeper.h"

#include <gtest/gtest.h>

#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class KeeperOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, KeeperOnBoth, ::testing::Bool(), store_name);

PipelineOptions keeping(Duration others, Duration co2) {
  PipelineOptions options;
  options.retention = Retention(others);
  options.retention.keep("co2", co2);
  options.clock_ahead_max = days(100'000);  // a clock that is right, and nothing is said first
  options.notice_wait = Duration(0);
  return options;
}

NamedReading ppm(Timestamp timestamp, double value) {
  return {"main", "hall", "a", "co2", timestamp, value};
}

answer::ReadingsQuery all_co2() {
  auto query = all_of_hall();
  query.quantity = "co2";
  return query;
}

// To the millisecond, in every answer, whether it was forgotten already or not.
TEST_P(KeeperOnBoth, shows_nothing_that_is_older_than_the_retention) {
  WayUnderTest way(stores(), keeping(days(2), hours(6)));
  way.start();
  const Timestamp edge = kNoon - days(2);
  ASSERT_EQ(way.write({degrees("hall", "a", edge, 10), degrees("hall", "a", edge + Duration(1), 20),
                       ppm(kNoon - hours(6), 400)})
                ->accepted,
            3U);
  for (int flushed = 0; flushed < 2; ++flushed) {
    EXPECT_EQ(way.reads().average(hall_at(kNoon, days(30)))->count, 2U);
    EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 2U);
    ASSERT_TRUE(way.pipeline().flush());
  }
  way.clock().advance(Duration(1));
  for (int expired = 0; expired < 2; ++expired) {
    EXPECT_EQ(way.reads().average(hall_at(kNoon, days(30)))->count, 1U);
    EXPECT_EQ(way.reads().average(hall_at(kNoon, days(30)))->value, 20);
    EXPECT_EQ(way.reads().average(hall_at(kNoon))->latest->value, 20);
    EXPECT_FALSE(way.reads().average(hall_at(edge))->latest) << "the one of then is too old now";
    EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 1U);
    EXPECT_TRUE(way.reads().readings(all_co2())->rows.empty());
    answer::RoomsQuery rooms;
    rooms.at = way.clock().now();
    rooms.limit = 10;
    const auto page = way.reads().rooms(rooms);
    ASSERT_EQ(page->rooms.size(), 1U) << "a room is known for ever";
    for (const auto& quantity : page->rooms[0].quantities) {
      EXPECT_EQ(quantity.latest.has_value(), quantity.quantity == "temperature");
    }
    ASSERT_TRUE(way.pipeline().expire());
  }
  way.close();
  way.clock().advance(Duration(1));
  way.start();
  EXPECT_EQ(way.reads().average(hall_at(kNoon, days(30)))->count, 0U);
  EXPECT_FALSE(way.reads().average(hall_at(kNoon))->latest);
}

TEST_P(KeeperOnBoth, refuses_what_it_would_forget) {
  WayUnderTest way(stores(), keeping(days(2), hours(6)));
  way.start();
  const auto outcome = way.write({degrees("hall", "a", kNoon - days(2) - Duration(1), 10), ppm(kNoon - hours(7), 400),
                                  degrees("hall", "a", kNoon - hours(7), 11)});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->accepted, 1U);
  ASSERT_EQ(outcome->rejected, 2U);
  for (const auto& rejected : outcome->rejected_details) EXPECT_EQ(rejected.error.code, ErrorCode::too_old);
}

TEST(Keeper, forgets_each_quantity_in_its_time) {
  WayUnderTest way(make_rocks_stores(), keeping(days(20), days(5)));
  way.start();
  std::vector<NamedReading> batch;
  for (Timestamp at = kNoon - days(4); at < kNoon; at += minutes(1)) {  // whole minutes: volumes of 32 days
    batch.push_back(ppm(at, 400));
    batch.push_back(degrees("hall", "a", at, 20));
  }
  for (Timestamp at = kNoon - days(4); at < kNoon; at += seconds(30)) {  // volumes of a day
    NamedReading reading = ppm(at, 400);
    reading.sensor = "b";
    batch.push_back(reading);
  }
  const std::uint64_t of_b_a_day = 86'400 / 30;
  ASSERT_EQ(way.write(batch)->accepted, batch.size());
  ASSERT_TRUE(way.pipeline().flush());
  ASSERT_TRUE(way.pipeline().expire());
  EXPECT_EQ(way.pipeline().figures().readings_expired, 0U);
  way.clock().advance(days(4));
  ASSERT_TRUE(way.pipeline().expire());
  const std::uint64_t gone = way.pipeline().figures().readings_expired;
  EXPECT_GE(gone, 2 * of_b_a_day);
  EXPECT_LE(gone, 3 * of_b_a_day);
  way.clock().advance(days(1));
  ASSERT_TRUE(way.pipeline().expire());
  EXPECT_EQ(way.pipeline().figures().readings_expired, gone + of_b_a_day) << "another day has come of age";
  way.clock().advance(days(33));
  ASSERT_TRUE(way.pipeline().expire());
  EXPECT_EQ(way.pipeline().figures().readings_expired, batch.size()) << "all of it";
}

// Whoever starts the program with a shorter retention gets the space back.
TEST(Keeper, begins_at_the_start) {
  auto stores = make_rocks_stores();
  WayUnderTest way(std::move(stores), keeping(days(2), days(2)));
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "a", kNoon + seconds(1), 20)})->accepted, 2U);
  way.close();
  way.clock().advance(days(10));
  way.start();
  for (int tries = 0; tries < 2'000 && way.pipeline().figures().readings_expired < 2; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(way.pipeline().figures().readings_expired, 2U);
}

}  // namespace
}  // namespace temperature::pipeline
