#include <gtest/gtest.h>

#include <list>
#include <thread>

#include "pipeline/way_under_test.h"

// Deletions on the whole way.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Scope kWholeHall{.building = "main", .room = "hall"};

Scope of_sensor(const std::string& sensor) {
  return {.building = "main", .room = "hall", .sensor = sensor};
}

// A flush that fails is tried again at once.
PipelineOptions quick() {
  PipelineOptions options;
  options.flush_retry = std::chrono::milliseconds(1);
  return options;
}

class DeletionsOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, DeletionsOnBoth, ::testing::Bool(), store_name);

std::size_t rows(WayUnderTest& way) {
  return way.reads().readings(all_of_hall())->rows.size();
}

TEST_P(DeletionsOnBoth, takes_what_is_asked_for_and_frees_its_places) {
  WayUnderTest way(stores(), quick());
  way.start();
  for (int flushed = 0; flushed < 2; ++flushed) {
    ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "a", kNoon + seconds(1), -127),
                         degrees("hall", "b", kNoon + seconds(1), 22), degrees("attic", "a", kNoon + seconds(1), 5)})
                  ->accepted,
              flushed == 0 ? 4U : 1U);
    if (flushed == 1) ASSERT_TRUE(way.pipeline().flush());
    const auto deleted = way.remove(of_sensor("a"), kNoon + seconds(1), kNoon + seconds(2));
    ASSERT_TRUE(deleted) << deleted.error().detail;
    EXPECT_EQ(deleted->deleted, 1U);
    EXPECT_EQ(way.reads().average(hall_at(kNoon + minutes(1)))->value, 21);
    EXPECT_EQ(rows(way), 2U);
    const auto again = way.remove(of_sensor("a"), kNoon + seconds(1), kNoon + seconds(2));
    EXPECT_EQ(again->deleted, 0U);
    EXPECT_GT(again->position, deleted->position);
  }
  way.close();
  way.start();
  EXPECT_EQ(rows(way), 2U);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 24)})->accepted, 1U);
  EXPECT_EQ(way.reads().average(hall_at(kNoon + minutes(1)))->value, 22);
  way.crash();
  way.start();
  EXPECT_EQ(way.reads().average(hall_at(kNoon + minutes(1)))->value, 22);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 24)})->duplicates, 1U);
}

TEST_P(DeletionsOnBoth, shows_the_newest_that_is_left) {
  WayUnderTest way(stores(), quick());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon - hours(6), 18)})->accepted, 1U);
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  ASSERT_TRUE(way.pipeline().flush());  // the one of this morning leaves memory
  answer::RoomsQuery list;
  list.at = kNoon + hours(1);
  list.limit = 10;
  for (const bool fails : {true, false}) {
    way.stores().history().fail_writes(fails);
    ASSERT_TRUE(way.remove(of_sensor("a"), kNoon, kNoon + seconds(1)));
    EXPECT_EQ(way.reads().average(hall_at(kNoon + hours(1)))->latest->value, 18);
    EXPECT_EQ(way.reads().rooms(list)->rooms.at(0).quantities.at(0).latest->value, 18);
    way.stores().history().fail_writes(false);
    ASSERT_TRUE(way.pipeline().flush());
    EXPECT_EQ(way.reads().rooms(list)->rooms.at(0).quantities.at(0).latest->value, 18);
  }
  way.close();
  way.start();
  EXPECT_EQ(way.reads().rooms(list)->rooms.at(0).quantities.at(0).latest->value, 18);
  ASSERT_TRUE(way.remove(kWholeHall, kNoon - hours(7), kNoon));
  EXPECT_FALSE(way.reads().average(hall_at(kNoon))->latest);
  way.close();
  way.start();
  EXPECT_FALSE(way.reads().average(hall_at(kNoon))->latest);
}

// The history has what came after the deletion, but not the position: it is all delivered again.
TEST_P(DeletionsOnBoth, come_to_the_same_when_the_history_was_ahead) {
  WayUnderTest way(stores(), quick());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "a", kNoon + seconds(1), 21)})->accepted, 2U);
  ASSERT_TRUE(way.pipeline().flush());
  way.stores().history().fail_commits(1'000'000);
  const auto deleted = way.remove(kWholeHall, kNoon, kNoon + minutes(1));
  ASSERT_TRUE(deleted);
  EXPECT_FALSE(deleted->deleted);
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 30)})->accepted, 1U);
  EXPECT_FALSE(way.pipeline().flush());  // written, and not committed
  way.crash();
  for (int again = 0; again < 2; ++again) {
    way.start();
    EXPECT_EQ(way.reads().average(hall_at(kNoon + minutes(1)))->count, 1U);
    EXPECT_EQ(way.reads().average(hall_at(kNoon + minutes(1)))->value, 30);
    EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 31)})->conflicts, 1U);
    if (again == 0) ASSERT_TRUE(way.pipeline().flush());
    way.close();
  }
}

TEST(Deletions, are_bounded_while_they_wait_for_the_history) {
  WayUnderTest way(in_memory(), quick());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  way.stores().history().fail_writes(true);
  std::list<DeletionTold> told;
  const Deletion deletion{.origin = {kNoon, "test"}, .scope = kWholeHall, .from = kNoon, .to = kNoon + kTick};
  for (std::size_t i = 0; i < limits::kPendingDeletionsMax; ++i) {
    way.pipeline().deletion_path().remove(deletion, told.emplace_back());
    EXPECT_TRUE(told.back().wait());
  }
  DeletionTold one_more;
  way.pipeline().deletion_path().remove(deletion, one_more);
  EXPECT_EQ(one_more.wait().error().code, ErrorCode::overloaded);
  way.stores().history().fail_writes(false);
  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_TRUE(way.remove(kWholeHall, kNoon, kNoon + kTick));
}

TEST(Deletions, of_what_is_not_known_take_nothing) {
  WayUnderTest way(in_memory(), quick());
  way.start();
  EXPECT_EQ(way.remove(kWholeHall, kNoon, kNoon + kTick)->deleted, 0U);
  EXPECT_EQ(way.remove(kWholeHall, kNoon, kNoon).error().code, ErrorCode::parameter_invalid);
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  EXPECT_EQ(way.remove(of_sensor("b"), kNoon, kNoon + kTick)->deleted, 0U);
  EXPECT_EQ(way.remove(kWholeHall, timestamp_from_ms(0), kTimestampMax)->deleted, 1U);
}

}  // namespace
}  // namespace temperature::pipeline
