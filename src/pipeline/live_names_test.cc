#include "pipeline/live_names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/way_under_test.h"

// Names leave with their last reading, and come back with the next.
namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;

const Scope kHallScope{.building = "main", .room = "hall"};
constexpr std::size_t kFew = 20;

class LiveNamesOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, LiveNamesOnBoth, ::testing::Bool(), store_name);

std::vector<NamedReading> of_sensors(const std::string& prefix, std::size_t count, Timestamp at) {
  std::vector<NamedReading> readings;
  for (std::size_t i = 0; i < count; ++i) readings.push_back(degrees("hall", fmt::format("{}{}", prefix, i), at, 20));
  return readings;
}

Result<answer::RoomsPage> rooms_page(WayUnderTest& way) {
  answer::RoomsQuery query;
  query.at = way.clock().now();
  query.limit = 100;
  return way.reads().rooms(query);
}

std::vector<std::string> rooms_of(WayUnderTest& way) {
  std::vector<std::string> rooms;
  const auto page = rooms_page(way);
  if (!page) return {page.error().detail};
  for (const auto& room : page->rooms) rooms.push_back(room.room);
  return rooms;
}

std::uint64_t sensors_of_hall(WayUnderTest& way) {
  const auto page = rooms_page(way);
  return page && page->rooms.size() == 1 ? page->rooms[0].quantities.at(0).sensors : 0;
}

// What becomes of a reading, in one word.
std::string sent(WayUnderTest& way, const NamedReading& reading) {
  const auto outcome = way.write({reading});
  if (!outcome) return outcome.error().detail;
  if (outcome->rejected > 0) return std::string(traits(outcome->rejected_details.at(0).error.code).code);
  return outcome->accepted > 0 ? "accepted" : "not fresh";
}

std::size_t counted(WayUnderTest& way) {
  return way.catalogue().counted().series;
}

void remove_hall(WayUnderTest& way) {
  const auto removed = way.remove(kHallScope, kNoon - days(1000), kNoon + days(1000));
  ASSERT_TRUE(removed) << removed.error().detail;
}

TEST_P(LiveNamesOnBoth, a_deletion_takes_the_name_with_the_last_reading) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "a", kNoon + kTick, 21),
                         degrees("hall", "b", kNoon, 22), degrees("attic", "a", kNoon, 23)}));
  ASSERT_TRUE(way.remove({.building = "main", .room = "hall", .sensor = "a"}, kNoon, kNoon + kTick));
  EXPECT_EQ(counted(way), 3U) << "it has another reading";
  ASSERT_TRUE(way.remove({.building = "main", .room = "hall", .sensor = "a"}, kNoon, kNoon + hours(1)));
  EXPECT_EQ(counted(way), 2U);
  EXPECT_EQ(rooms_of(way), (std::vector<std::string>{"attic", "hall"}));
  remove_hall(way);
  EXPECT_EQ(way.catalogue().counted(), (catalogue::Catalogue::Counted{1, 1, 0}));
  EXPECT_EQ(rooms_of(way), (std::vector<std::string>{"attic"}));
  EXPECT_FALSE(way.reads().room_known("main", "hall"));
  EXPECT_TRUE(way.reads().room_ever_known("main", "hall"));
  const auto gone = way.reads().average(hall_at(kNoon));
  const auto never = way.reads().average({"main", "cellar", std::nullopt, "temperature", hours(1), kNoon});
  ASSERT_FALSE(gone || never);
  EXPECT_EQ(gone.error().code, never.error().code);
  EXPECT_EQ(gone.error().detail, "there are no readings of room \"hall\" in building \"main\"");

  EXPECT_EQ(sent(way, degrees("hall", "b", kNoon, 30)), "accepted");
  EXPECT_EQ(counted(way), 2U);
  EXPECT_EQ(rooms_of(way), (std::vector<std::string>{"attic", "hall"}));
  EXPECT_EQ(way.catalogue().series_count(), 3U) << "no name is known twice";
}

TEST_P(LiveNamesOnBoth, a_quantity_leaves_a_room_and_the_service) {
  WayUnderTest way(stores());
  way.start();
  NamedReading wind = degrees("hall", "a", kNoon, 3);
  wind.quantity = "wind";
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20), wind}));
  EXPECT_EQ(way.catalogue().counted(), (catalogue::Catalogue::Counted{2, 2, 1}));
  ASSERT_TRUE(way.remove({.building = "main", .room = "hall", .quantity = "wind"}, kNoon - hours(1), kNoon + hours(1)));
  EXPECT_EQ(way.catalogue().counted(), (catalogue::Catalogue::Counted{1, 1, 0}));
  const auto page = rooms_page(way);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->rooms.at(0).quantities.size(), 1U);
  EXPECT_EQ(page->rooms[0].quantities[0].quantity, "temperature");
  const auto asked = way.reads().average({"main", "hall", std::nullopt, "wind", hours(1), kNoon});
  ASSERT_TRUE(asked) << "the room is known";
  EXPECT_EQ(asked->lacks, "room \"hall\" has no readings of wind; it has temperature");
}

TEST_P(LiveNamesOnBoth, all_expire_and_others_take_their_places) {
  PipelineOptions options;
  options.retention = Retention(days(2));
  options.clock_ahead_max = days(1'000);
  WayUnderTest way(stores(), options);
  way.limit_series(kFew);
  way.start();
  ASSERT_EQ(way.write(of_sensors("old ", kFew, kNoon))->accepted, kFew);
  ASSERT_TRUE(way.pipeline().flush());
  way.clock().set(kNoon + days(2) + kTick);
  EXPECT_EQ(rooms_of(way), std::vector<std::string>()) << "they are too old, be they forgotten or not";
  ASSERT_EQ(way.write(of_sensors("new ", kFew, way.clock().now()))->accepted, kFew) << "the limit has them counted";
  EXPECT_EQ(sensors_of_hall(way), kFew);
  EXPECT_EQ(counted(way), kFew);
  EXPECT_EQ(sent(way, degrees("hall", "newer", way.clock().now(), 20)), "series_limit");
  EXPECT_EQ(sent(way, degrees("hall", "old 1", way.clock().now(), 20)), "series_limit") << "who comes back counts";

  way.close();
  way.start();
  EXPECT_EQ(counted(way), kFew);
  EXPECT_EQ(sent(way, degrees("hall", "old 1", way.clock().now(), 20)), "series_limit");
  EXPECT_EQ(sent(way, degrees("hall", "new 1", way.clock().now(), 20)), "not fresh");
  remove_hall(way);
  EXPECT_EQ(counted(way), 0U);
  ASSERT_EQ(way.write(of_sensors("old ", kFew, way.clock().now()))->accepted, kFew);
  EXPECT_EQ(way.catalogue().series_count(), 2 * kFew) << "they have the ids that they had";
}

TEST_P(LiveNamesOnBoth, a_round_of_the_retention_counts_names) {
  PipelineOptions options;
  options.retention = Retention(days(2));
  options.clock_ahead_max = days(1'000);
  options.notice_wait = Duration(0);
  WayUnderTest way(stores(), options);
  way.start();
  ASSERT_TRUE(way.write(of_sensors("s", kFew, kNoon)));
  ASSERT_TRUE(way.write({degrees("attic", "s", kNoon + days(1), 20)}));
  EXPECT_EQ(way.pipeline().figures().series, kFew);  // its reading was ahead of the clock
  way.clock().set(kNoon + days(3));
  ASSERT_TRUE(way.pipeline().expire());
  EXPECT_EQ(way.pipeline().figures().series, 0U);
  EXPECT_EQ(way.pipeline().figures().windows, 0U);
}

// The quantity's own retention decides, to the millisecond.
TEST_P(LiveNamesOnBoth, a_quantity_leaves_by_its_own_retention) {
  PipelineOptions options;
  options.retention = Retention(days(10));
  options.retention.keep("co2", hours(1));
  WayUnderTest way(stores(), options);
  way.start();
  NamedReading co2 = degrees("hall", "a", kNoon, 400);
  co2.quantity = "co2";
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20), co2}));
  way.clock().set(kNoon + hours(1));
  way.pipeline().count_names();
  EXPECT_EQ(counted(way), 2U);
  way.clock().advance(kTick);
  way.pipeline().count_names();
  EXPECT_EQ(counted(way), 1U);
  co2.timestamp = way.clock().now();
  EXPECT_EQ(sent(way, co2), "accepted");
  EXPECT_EQ(counted(way), 2U);
}

TEST_P(LiveNamesOnBoth, a_restart_counts_as_before) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write(of_sensors("s", kFew, kNoon)));
  ASSERT_TRUE(way.write({degrees("attic", "a", kNoon, 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  remove_hall(way);
  for (const bool crash : {true, false}) {
    crash ? way.crash() : way.close();
    way.start();
    EXPECT_EQ(counted(way), 1U) << crash;
    EXPECT_EQ(rooms_of(way), (std::vector<std::string>{"attic"}));
  }
}

// The journal delivers a deletion and what came before it again.
TEST(LiveNames, a_crash_before_the_flush_counts_as_before) {
  WayUnderTest way(in_memory());
  way.start();
  ASSERT_TRUE(way.write(of_sensors("s", kFew, kNoon)));
  way.stores().history().fail_commits(1'000'000);
  remove_hall(way);
  EXPECT_EQ(rooms_of(way), std::vector<std::string>()) << "it is in force, though the history has not taken it";
  ASSERT_TRUE(way.write(of_sensors("s", 3, kNoon)));
  way.crash();
  way.start();
  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_EQ(counted(way), 3U);
  EXPECT_EQ(sensors_of_hall(way), 3U);
}

TEST(LiveNames, a_count_that_a_limit_asks_for_is_not_repeated_at_once) {
  catalogue::Catalogue catalogue(10);
  window::Windows windows;
  const Retention retention;
  const FakeClock clock;
  LiveNames names(catalogue, windows, retention, clock);
  EXPECT_TRUE(names.count_for_room());
  EXPECT_FALSE(names.count_for_room());
}

TEST(LiveNames, who_is_on_the_way_counts) {
  catalogue::Catalogue catalogue(1);
  window::Windows windows;
  const Retention retention;
  const FakeClock clock;
  LiveNames names(catalogue, windows, retention, clock);
  names.count();
  ASSERT_TRUE(catalogue.define({"main", "hall", "a", "temperature"}));
  names.count();
  names.count(WindowId(0));
  EXPECT_EQ(catalogue.counted().series, 1U);
  EXPECT_FALSE(catalogue.define({"main", "hall", "b", "temperature"}));
}

// Counting beside writing and deleting never loses a name that has a reading, nor keeps one that has none.
TEST(LiveNames, counts_while_names_come_and_go) {
  WayUnderTest way(in_memory());
  way.start();
  std::atomic<bool> done{false};
  std::thread counting([&] {
    while (!done.load()) way.pipeline().count_names();
  });
  for (int turn = 0; turn < 200 && !::testing::Test::HasFailure(); ++turn) {
    EXPECT_EQ(sent(way, degrees("hall", "a", kNoon, turn)), "accepted");
    way.pipeline().count_names();  // waits for the one that may be under way
    EXPECT_EQ(counted(way), 1U) << turn;
    if (turn % 3 == 0) {
      EXPECT_TRUE(way.pipeline().flush());
    }
    remove_hall(way);
    way.pipeline().count_names();
    EXPECT_EQ(counted(way), 0U) << turn;
  }
  done.store(true);
  counting.join();
}

}  // namespace
}  // namespace temperature::pipeline
