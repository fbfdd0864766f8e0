#include <gtest/gtest.h>

#include "pipeline/way_under_test.h"

// A sensor that is ahead of the clock, as far as --max-ahead allows, and a clock that goes back: what is newest is the
// newest not after the moment that is asked for, and it is found in memory.
namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class LatestOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, LatestOnBoth, ::testing::Bool(), store_name);

answer::QuantityState listed(WayUnderTest& way) {
  answer::RoomsQuery query;
  query.at = way.clock().now();
  query.limit = 10;
  const auto page = way.reads().rooms(query);
  EXPECT_TRUE(page && page->rooms.size() == 1);
  return page->rooms.at(0).quantities.at(0);
}

answer::QuantityState listed(WayUnderTest& way, const std::string& sensor) {
  answer::SensorsQuery query;
  query.at = way.clock().now();
  query.limit = 10;
  const auto page = way.reads().sensors(query);
  EXPECT_TRUE(page);
  for (const auto& each : page->sensors) {
    if (each.sensor == sensor) return each.quantities.at(0);
  }
  ADD_FAILURE() << sensor << " is not listed";
  return {};
}

// `a` tells its own time; `b` is nine minutes ahead; `c` spoke once, and was ahead then.
void speak(WayUnderTest& way, int how_many_seconds) {
  std::vector<NamedReading> batch;
  for (int i = 0; i < how_many_seconds; ++i) {
    batch.push_back(degrees("hall", "a", way.clock().now(), i));
    batch.push_back(degrees("hall", "b", way.clock().now() + minutes(9), 1000 + i));
    way.clock().advance(seconds(1));
  }
  ASSERT_EQ(way.write(batch)->accepted, batch.size());
}

void expect_latest_of_now(WayUnderTest& way) {
  const Timestamp now = way.clock().now();
  const auto room = listed(way);
  ASSERT_TRUE(room.latest);
  EXPECT_EQ(room.latest->timestamp, now);
  EXPECT_EQ(listed(way, "a").latest->timestamp, now - seconds(1));
  EXPECT_EQ(listed(way, "b").latest->timestamp, now) << "what it said nine minutes ago";
  EXPECT_FALSE(listed(way, "c").latest) << "nothing of it has come true yet";
  const auto average = way.reads().average_from_memory(hall_at(now));
  ASSERT_TRUE(average);
  ASSERT_TRUE(*average) << "memory has the last 15 minutes, whoever is ahead";
  EXPECT_GT((*average)->count, 15U * 60);
}

TEST_P(LatestOnBoth, is_not_of_a_sensor_that_is_ahead) {
  WayUnderTest way(stores());
  way.start();
  speak(way, 3000);
  ASSERT_EQ(way.write({degrees("hall", "c", way.clock().now() + minutes(10), 5)})->accepted, 1U);
  expect_latest_of_now(way);
  for (int flushes = 0; flushes < 3; ++flushes) {
    ASSERT_TRUE(way.pipeline().flush());
    expect_latest_of_now(way);
    speak(way, 100);
    expect_latest_of_now(way);
  }
}

TEST_P(LatestOnBoth, is_not_of_a_sensor_that_is_ahead_after_a_restart_either) {
  WayUnderTest way(stores());
  way.start();
  speak(way, 3000);
  ASSERT_EQ(way.write({degrees("hall", "c", way.clock().now() + minutes(10), 5)})->accepted, 1U);
  ASSERT_TRUE(way.pipeline().flush());
  way.close();
  way.start();
  expect_latest_of_now(way);
}

// The room's only readings up to now are in the history: that is asked then.
TEST_P(LatestOnBoth, is_found_in_the_history_when_memory_begins_later) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 7)})->accepted, 1U);
  ASSERT_TRUE(way.pipeline().flush());
  way.close();
  way.clock().advance(days(2));
  way.start();  // the room was silent: its window begins empty
  ASSERT_EQ(way.write({degrees("hall", "a", way.clock().now() + minutes(5), 8)})->accepted, 1U);
  const auto room = listed(way);
  ASSERT_TRUE(room.latest);
  EXPECT_EQ(room.latest->timestamp, kNoon);
  EXPECT_EQ(room.latest->value, 7);
  EXPECT_EQ(listed(way, "a").latest->timestamp, kNoon);
  way.clock().advance(minutes(5));
  EXPECT_EQ(listed(way).latest->value, 8) << "it has come true";
}

// A clock that is set back by an hour while the service runs.
TEST_P(LatestOnBoth, never_lies_after_a_clock_that_goes_back) {
  WayUnderTest way(stores());
  way.start();
  speak(way, 5000);
  ASSERT_TRUE(way.pipeline().flush());
  const Timestamp before = way.clock().now();
  way.clock().advance(hours(-1));
  const Timestamp now = way.clock().now();
  EXPECT_EQ(listed(way).latest->timestamp, now);
  EXPECT_EQ(way.reads().average(hall_at(now))->last, now);
  ASSERT_EQ(way.write({degrees("hall", "d", now + seconds(1), 3)})->accepted, 1U) << "its past is taken";
  way.clock().advance(seconds(1));
  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_EQ(listed(way, "d").latest->timestamp, now + seconds(1));
  EXPECT_LE(listed(way, "a").latest->timestamp, way.clock().now());
  way.clock().set(before);
  EXPECT_EQ(listed(way, "a").latest->timestamp, before - seconds(1)) << "and nothing is lost";
}

}  // namespace
}  // namespace temperature::pipeline
