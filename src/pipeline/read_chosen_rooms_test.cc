#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "answer/answer.h"
#include "pipeline/read_path.h"
#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// "building/room " for each room of all pages, with so many a page.
std::string names_of(const ReadPath& reads, answer::RoomsQuery query, std::size_t limit) {
  std::string names;
  query.limit = limit;
  query.at = kNoon;
  while (true) {
    const auto page = reads.rooms(query);
    if (!page) return page.error().detail;
    EXPECT_LE(page->rooms.size(), limit);
    for (const auto& room : page->rooms) names += room.building + "/" + room.room + " ";
    if (page->next.empty()) return names;
    EXPECT_EQ(page->rooms.size(), limit);
    query.cursor = page->next;
  }
}

class ChosenRooms : public ::testing::Test {
 protected:
  void SetUp() override {
    way_.start();
    ASSERT_TRUE(way_.write({degrees("b now", "s", kNoon, 20),
                            degrees("a now", "s", kNoon - seconds(59), 21),
                            degrees("c stale", "s", kNoon - hours(2), 22),
                            degrees("d late", "s", kNoon - minutes(1), 23),
                            {"annex", "Straße", "s", "temperature", kNoon - hours(2), 24},
                            {"annex", "Straße", "s", "co2", kNoon, 400},
                            {"annex", "Halle", "s", "co2", kNoon - hours(9), 401}}));
  }
  [[nodiscard]] const ReadPath& reads() { return way_.reads(); }

  WayUnderTest way_{in_memory()};
};

TEST_F(ChosenRooms, come_the_stalest_first_and_those_of_the_last_minute_by_name) {
  answer::RoomsQuery query;
  query.order = answer::RoomOrder::stalest;
  for (const std::size_t limit : {1U, 2U, 3U, 6U, 7U}) {
    EXPECT_EQ(names_of(reads(), query, limit),
              "annex/Halle main/c stale main/d late annex/Straße main/a now main/b now ")
        << limit;
  }
  query.quantity = "temperature";
  for (const std::size_t limit : {1U, 2U, 5U}) {
    EXPECT_EQ(names_of(reads(), query, limit), "annex/Straße main/c stale main/d late main/a now main/b now ") << limit;
  }
  query.building = "main";
  EXPECT_EQ(names_of(reads(), query, 2), "main/c stale main/d late main/a now main/b now ");
  query.building.reset();
  query.visible = {"annex"};
  EXPECT_EQ(names_of(reads(), query, 2), "annex/Straße ");
}

TEST_F(ChosenRooms, are_found_by_a_part_of_a_name_whatever_the_case) {
  answer::RoomsQuery query;
  query.search = "STRASSE";  // ß folds to ss (Unicode's CaseFolding.txt, status F)
  EXPECT_EQ(names_of(reads(), query, 5), "annex/Straße ");
  query.search = "NoW";
  EXPECT_EQ(names_of(reads(), query, 1), "main/a now main/b now ");
  query.search = "annex";
  EXPECT_EQ(names_of(reads(), query, 5), "annex/Halle annex/Straße ");
  query.search = "w main";
  EXPECT_EQ(names_of(reads(), query, 5), "");
}

TEST_F(ChosenRooms, have_the_quantity_that_was_asked_for_and_no_other) {
  answer::RoomsQuery query;
  query.quantity = "co2";
  query.limit = 10;
  query.at = kNoon;
  const auto page = reads().rooms(query);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->rooms.size(), 2U);
  for (const auto& room : page->rooms) {
    ASSERT_EQ(room.quantities.size(), 1U);
    EXPECT_EQ(room.quantities[0].quantity, "co2");
  }
  EXPECT_EQ(page->rooms[1].quantities[0].average, 400);
  EXPECT_EQ(page->rooms[1].quantities[0].reporting, 1U);
  EXPECT_EQ(page->rooms[0].quantities[0].reporting, 0U) << "its reading is nine hours old";
  EXPECT_EQ(page->rooms[0].quantities[0].sensors, 1U);
  query.quantity = "noise";
  EXPECT_TRUE(reads().rooms(query)->rooms.empty());
}

TEST_F(ChosenRooms, are_counted_on_all_pages_and_name_the_quantities_that_there_are) {
  answer::RoomsQuery query;
  query.at = kNoon;
  query.limit = 1;
  EXPECT_FALSE(reads().rooms(query)->found) << "nothing was to be chosen";
  query.quantity = "temperature";
  query.search = "a";
  const auto page = reads().rooms(query);
  ASSERT_TRUE(page && page->found);
  EXPECT_EQ(page->found->matching, 5U) << "main has an a, too";
  EXPECT_EQ(page->found->quantities, (std::vector<std::string>{"co2", "temperature"}));
  query.visible = {"nowhere"};
  EXPECT_EQ(reads().rooms(query)->found->matching, 0U);
  EXPECT_TRUE(reads().rooms(query)->found->quantities.empty());
}

TEST_F(ChosenRooms, name_a_bounded_number_of_quantities) {
  std::vector<NamedReading> batch;
  for (std::size_t i = 0; i < limits::kQuantitiesNamedMax; ++i) {
    batch.push_back({"main", "x", "s" + std::to_string(i), "q" + std::to_string(1000 + i), kNoon, 1});
  }
  ASSERT_TRUE(way_.write(batch));
  answer::RoomsQuery query;
  query.at = kNoon;
  query.limit = 1;
  query.order = answer::RoomOrder::stalest;
  const auto page = reads().rooms(query);
  ASSERT_TRUE(page && page->found);
  EXPECT_EQ(page->found->quantities.size(), limits::kQuantitiesNamedMax);
  EXPECT_EQ(page->found->quantities.front(), "co2");
}

TEST_F(ChosenRooms, refuse_cursors_of_another_order) {
  answer::RoomsQuery query;
  query.limit = 1;
  query.at = kNoon;
  const std::string by_name = reads().rooms(query)->next;
  query.order = answer::RoomOrder::stalest;
  const std::string by_age = reads().rooms(query)->next;
  for (const std::string& cursor : {by_name, std::string("x"), std::string("1.x4.main1.a"), by_age + "1.x"}) {
    query.cursor = cursor;
    EXPECT_EQ(reads().rooms(query).error().code, ErrorCode::parameter_invalid) << cursor;
  }
  query.order = answer::RoomOrder::name;
  query.cursor = by_age;
  EXPECT_EQ(reads().rooms(query).error().code, ErrorCode::parameter_invalid);
}

}  // namespace
}  // namespace temperature::pipeline
