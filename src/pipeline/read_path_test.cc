#include "pipeline/read_path.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "answer/answer.h"
#include "base/timestamp_limits.h"
#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ReadPathOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, ReadPathOnBoth, ::testing::Bool(), store_name);

TEST(ReadPath, tells_an_unknown_room_from_an_empty_window) {
  WayUnderTest way(in_memory());
  way.start();
  EXPECT_EQ(way.reads().average(hall_at(kNoon)).error().code, ErrorCode::room_unknown);
  EXPECT_EQ(way.reads().readings(all_of_hall()).error().code, ErrorCode::room_unknown);
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon - hours(2), 20), degrees("hall", "b", kNoon - hours(1), 21)}));

  const auto empty = way.reads().average(hall_at(kNoon));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->count, 0U);
  EXPECT_EQ(empty->unit, "°C");
  ASSERT_TRUE(empty->latest);
  EXPECT_EQ(empty->latest->timestamp, kNoon - hours(1));
  EXPECT_EQ(empty->latest->value, 21);

  auto of_sensor = hall_at(kNoon);
  of_sensor.sensor = "a";
  EXPECT_EQ(way.reads().average(of_sensor)->latest->value, 20);
  of_sensor.sensor = "nobody";
  EXPECT_FALSE(way.reads().average(of_sensor)->latest);
  auto other_quantity = hall_at(kNoon);
  other_quantity.quantity = "co2";
  EXPECT_EQ(way.reads().average(other_quantity)->count, 0U);
  EXPECT_FALSE(way.reads().average(hall_at(kNoon - hours(3)))->latest) << "nothing was there yet";
  // Another building's room of the same name is another room.
  auto elsewhere = hall_at(kNoon);
  elsewhere.building = "annex";
  EXPECT_EQ(way.reads().average(elsewhere).error().code, ErrorCode::room_unknown);
}

TEST_P(ReadPathOnBoth, answers_at_both_ends_of_time) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", limits::kTimestampFirst, 10), degrees("hall", "a", kNoon, 20)}));
  for (int flushed = 0; flushed < 2; ++flushed) {
    EXPECT_EQ(way.reads().average(hall_at(kTimestampMax, limits::kWindowMax))->count, 0U);
    EXPECT_EQ(way.reads().average(hall_at(kTimestampMax))->latest->value, 20);
    EXPECT_EQ(way.reads().average(hall_at(kTimestampMin, limits::kWindowMax))->count, 0U);
    EXPECT_FALSE(way.reads().average(hall_at(kTimestampMin))->latest);
    EXPECT_EQ(way.reads().average(hall_at(kNoon, limits::kWindowMax))->count, 2U);
    EXPECT_EQ(way.reads().average(hall_at(limits::kTimestampFirst, seconds(1)))->count, 1U);
    EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 2U);
    ASSERT_TRUE(way.pipeline().flush());
  }
}

TEST(ReadPath, pages_between_the_sensors_of_one_moment) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> batch;
  for (const char* sensor : {"c", "a", "b"}) {
    for (int i = 0; i < 3; ++i) batch.push_back(degrees("hall", sensor, kNoon + seconds(i), i));
  }
  ASSERT_TRUE(way.write(batch));
  std::string got;
  auto query = all_of_hall();
  query.limit = 2;
  int pages = 0;
  while (true) {
    const auto page = way.reads().readings(query);
    ASSERT_TRUE(page);
    ++pages;
    for (const auto& row : page->rows) got += std::string(row.sensor) + std::to_string(static_cast<int>(row.value));
    if (!page->next) break;
    query.after = page->next;
  }
  EXPECT_EQ(got, "a0b0c0a1b1c1a2b2c2");
  EXPECT_EQ(pages, 5);
}

TEST(ReadPath, answers_history_failed_when_the_history_cannot_be_read) {
  WayUnderTest way(in_memory());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon - hours(5), 10), degrees("hall", "a", kNoon, 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  way.stores().history().fail_reads(true);
  EXPECT_EQ(way.reads().average(hall_at(kNoon, hours(6))).error().code, ErrorCode::history_failed);
  EXPECT_EQ(way.reads().readings(all_of_hall()).error().code, ErrorCode::history_failed);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon - hours(4), 10)}).error().code, ErrorCode::history_failed);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U) << "what is in memory needs no history";
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 10)})->accepted, 1U);
  way.stores().history().fail_reads(false);
  EXPECT_EQ(way.reads().average(hall_at(kNoon, hours(6)))->count, 2U);
}

// The lists.

TEST(ReadPath, lists_rooms_page_by_page_with_their_state) {
  WayUnderTest way(in_memory());
  way.start();
  ASSERT_TRUE(way.write({degrees("b", "s1", kNoon, 20),
                         degrees("b", "s2", kNoon - minutes(1), 22),
                         degrees("a/1.b", "s1", kNoon - hours(1), 5),
                         {"annex", "c", "s1", "co2", kNoon, 400}}));
  answer::RoomsQuery query;
  query.at = kNoon;
  query.limit = 1;
  std::vector<answer::RoomState> rooms;
  while (true) {
    const auto page = way.reads().rooms(query);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->rooms.size(), 1U);
    rooms.push_back(page->rooms.front());
    if (page->next.empty()) break;
    query.cursor = page->next;
  }
  ASSERT_EQ(rooms.size(), 3U);
  EXPECT_EQ(rooms[0].building + " " + rooms[0].room, "annex c");
  EXPECT_EQ(rooms[1].building + " " + rooms[1].room, "main a/1.b");
  EXPECT_EQ(rooms[2].building + " " + rooms[2].room, "main b");
  const answer::QuantityState& b = rooms[2].quantities.at(0);
  EXPECT_EQ(b.quantity, "temperature");
  EXPECT_EQ(b.unit, "°C");
  EXPECT_EQ(b.sensors, 2U);
  EXPECT_EQ(b.count, 2U);
  EXPECT_EQ(b.average, 21);
  EXPECT_EQ(b.latest->timestamp, kNoon);
  const answer::QuantityState& a = rooms[1].quantities.at(0);
  EXPECT_EQ(a.count, 0U);
  EXPECT_FALSE(a.average);
  EXPECT_EQ(a.latest->value, 5);

  query = {.building = "annex", .cursor = {}, .limit = 10, .at = kNoon};
  EXPECT_EQ(way.reads().rooms(query)->rooms.size(), 1U);
  query.building = "nowhere";
  EXPECT_TRUE(way.reads().rooms(query)->rooms.empty());
}

TEST(ReadPath, lists_sensors_page_by_page) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> batch;
  for (const char* room : {"x", "w"}) {
    for (int i = 0; i < 5; ++i) batch.push_back(degrees(room, "s" + std::to_string(i), kNoon, i));
  }
  batch.push_back({"annex", "x", "s9", "co2", kNoon, 400});
  batch.push_back({"main", "x", "s0", "co2", kNoon, 410});
  ASSERT_TRUE(way.write(batch));

  const auto list = [&](std::optional<std::string> building, std::optional<std::string> room, std::size_t limit) {
    answer::SensorsQuery query{std::move(building), std::move(room), {}, limit, kNoon};
    std::string got;
    while (true) {
      const auto page = way.reads().sensors(query);
      EXPECT_TRUE(page);
      EXPECT_LE(page->sensors.size(), limit);
      for (const auto& sensor : page->sensors) {
        got += sensor.building.substr(0, 1) + sensor.room + sensor.sensor.substr(1) +
               (sensor.quantities.size() == 2 ? "+ " : " ");
      }
      if (page->next.empty()) return got;
      query.cursor = page->next;
    }
  };
  for (const std::size_t limit : {1U, 2U, 3U, 5U, 11U, 100U}) {
    EXPECT_EQ(list({}, {}, limit), "ax9 mw0 mw1 mw2 mw3 mw4 mx0+ mx1 mx2 mx3 mx4 ") << limit;
    EXPECT_EQ(list("main", {}, limit), "mw0 mw1 mw2 mw3 mw4 mx0+ mx1 mx2 mx3 mx4 ") << limit;
    EXPECT_EQ(list("main", "x", limit), "mx0+ mx1 mx2 mx3 mx4 ") << limit;
    EXPECT_EQ(list({}, "x", limit), "ax9 mx0+ mx1 mx2 mx3 mx4 ") << limit;
    EXPECT_EQ(list("main", "nowhere", limit), "") << limit;
  }
}

TEST(ReadPath, refuses_cursors_that_it_did_not_give) {
  WayUnderTest way(in_memory());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  for (const char* cursor : {"x", "4.main", "4.main4.hal", "4.main4.hall1.", "99999.a1.b", "4.main4.hallx", "-1.a1.b",
                             "4main4hall", ".", "4.main4.hall1.a1.a"}) {
    answer::RoomsQuery rooms;
    rooms.cursor = cursor;
    rooms.limit = 1;
    EXPECT_EQ(way.reads().rooms(rooms).error().code, ErrorCode::parameter_invalid) << cursor;
    answer::SensorsQuery sensors;
    sensors.cursor = cursor;
    sensors.limit = 1;
    EXPECT_EQ(way.reads().sensors(sensors).error().code, ErrorCode::parameter_invalid) << cursor;
  }
}

// The windows keep 20 minutes behind a room's newest reading that is not ahead of the clock.
TEST(ReadPath, lists_the_whole_average_of_a_room_with_a_clock_that_is_ahead) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> batch;
  for (int i = 899; i >= 0; --i) batch.push_back(degrees("hall", "a", kNoon - seconds(i), i < 450 ? 20 : 30));
  batch.push_back(degrees("hall", "ahead", kNoon + minutes(10), 99));
  ASSERT_EQ(way.write(batch)->accepted, 901U);
  ASSERT_TRUE(way.pipeline().flush());
  ASSERT_EQ(way.pipeline().figures().readings_in_windows, 901U) << "one that is ahead makes nothing old";
  answer::RoomsQuery query;
  query.at = kNoon;
  query.limit = 1;
  const auto rooms = way.reads().rooms(query);
  ASSERT_TRUE(rooms);
  EXPECT_EQ(rooms->rooms.at(0).quantities.at(0).count, 900U);
  EXPECT_EQ(rooms->rooms.at(0).quantities.at(0).average, 25);
}

TEST(ReadPath, lists_the_buildings_alone_that_may_be_seen) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> batch;
  for (const char* building : {"a", "b", "bb", "c"}) {
    for (const char* room : {"1", "2"}) batch.push_back({building, room, "s", "co2", kNoon, 400});
  }
  ASSERT_TRUE(way.write(batch));
  using Names = std::vector<std::string>;
  const auto list = [&](const Names& visible, std::size_t limit, const std::optional<std::string>& building = {}) {
    answer::RoomsQuery rooms{building, {}, limit, kNoon, visible};
    answer::SensorsQuery sensors{building, {}, {}, limit, kNoon, visible};
    std::string of_rooms;
    std::string of_sensors;
    do {
      const auto page = way.reads().rooms(rooms);
      EXPECT_TRUE(page && page->rooms.size() <= limit);
      for (const auto& room : page->rooms) of_rooms += room.building + room.room + " ";
      rooms.cursor = page->next;
    } while (!rooms.cursor.empty());
    do {
      const auto page = way.reads().sensors(sensors);
      EXPECT_TRUE(page && page->sensors.size() <= limit);
      for (const auto& sensor : page->sensors) of_sensors += sensor.building + sensor.room + " ";
      sensors.cursor = page->next;
    } while (!sensors.cursor.empty());
    EXPECT_EQ(of_rooms, of_sensors);
    return of_rooms;
  };
  for (const std::size_t limit : {1U, 2U, 3U, 4U, 100U}) {
    EXPECT_EQ(list({}, limit), "a1 a2 b1 b2 bb1 bb2 c1 c2 ");
    EXPECT_EQ(list({"b"}, limit), "b1 b2 ");
    EXPECT_EQ(list({"a", "bb"}, limit), "a1 a2 bb1 bb2 ");
    EXPECT_EQ(list({"aa", "c", "zz"}, limit), "c1 c2 ");
    EXPECT_EQ(list({"nowhere"}, limit), "");
    EXPECT_EQ(list({"a", "b"}, limit, "b"), "b1 b2 ");
    EXPECT_EQ(list({"a"}, limit, "b"), "");
  }
  // A cursor is the asker's word: it opens no other building.
  answer::SensorsQuery forged{{}, {}, "1.b1.10.", 10, kNoon, {"a"}};
  EXPECT_TRUE(way.reads().sensors(forged)->sensors.empty());
}

}  // namespace
}  // namespace temperature::pipeline
