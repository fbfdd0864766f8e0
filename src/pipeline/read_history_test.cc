#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "answer/history.h"
#include "base/timestamp_limits.h"
#include "pipeline/read_path.h"
#include "pipeline/way_under_test.h"

// Questions about history, told as stories; pipeline_property_test.cc asks them at random.
namespace temperature::pipeline {
namespace {

using answer::Aggregate;
using answer::Fill;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class HistoryOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, HistoryOnBoth, ::testing::Bool(), store_name);

answer::HistoryQuery of_hall(Timestamp from, Timestamp to, Duration step) {
  return {.building = "main",
          .rooms = {"hall"},
          .sensor = std::nullopt,
          .quantity = "temperature",
          .from = from,
          .to = to,
          .step = step,
          .aggregates = {Aggregate::mean},
          .fill = Fill::none,
          .limit = 1000};
}

// "start+length:count=mean" of each bucket, in seconds since noon.
std::string told(const answer::HistoryPage& page) {
  std::string text;
  for (const auto& bucket : page.buckets) {
    text += std::to_string((bucket.start - kNoon) / seconds(1)) + "+" +
            std::to_string((bucket.end - bucket.start) / seconds(1)) + ":" + std::to_string(bucket.count) + "=" +
            (bucket.values ? std::to_string(static_cast<int>(bucket.values->mean)) : "null") + " ";
  }
  return text;
}

TEST_P(HistoryOnBoth, cuts_time_into_buckets_from_its_beginning) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(
      way.write({degrees("hall", "a", kNoon - seconds(1), 99), degrees("hall", "a", kNoon, 20),
                 degrees("hall", "b", kNoon + seconds(9), 22), degrees("hall", "a", kNoon + seconds(10), 30),
                 degrees("hall", "a", kNoon + seconds(34), 40), degrees("hall", "a", kNoon + seconds(35), 99)}));
  for (int flushed = 0; flushed < 3; ++flushed) {
    auto query = of_hall(kNoon, kNoon + seconds(35), seconds(10));
    EXPECT_EQ(told(*way.reads().history(query)), "0+10:2=21 10+10:1=30 30+5:1=40 ");
    query.fill = Fill::null;
    EXPECT_EQ(told(*way.reads().history(query)), "0+10:2=21 10+10:1=30 20+10:0=null 30+5:1=40 ");
    query.fill = Fill::previous;
    EXPECT_EQ(told(*way.reads().history(query)), "0+10:2=21 10+10:1=30 20+10:0=30 30+5:1=40 ");
    query.from = kNoon + seconds(11);
    EXPECT_EQ(told(*way.reads().history(query)), "11+10:0=null 21+10:0=null 31+4:1=40 ") << "none since `from`";
    query.sensor = "b";
    EXPECT_EQ(told(*way.reads().history(query)), "11+10:0=null 21+10:0=null 31+4:0=null ");
    EXPECT_EQ(told(*way.reads().history(of_hall(kNoon, kNoon, seconds(10)))), "");
    ASSERT_TRUE(way.pipeline().flush());
    if (flushed == 1) {
      way.close();
      way.clock().advance(hours(5));  // nothing of it is in memory any more
      way.start();
    }
  }
}

TEST_P(HistoryOnBoth, puts_rooms_beside_each_other_and_names_the_unknown_one) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20), degrees("attic", "a", kNoon + seconds(1), 30),
                         degrees("attic", "a", kNoon + seconds(11), 31)}));
  ASSERT_TRUE(way.pipeline().flush());
  auto query = of_hall(kNoon, kNoon + seconds(20), seconds(10));
  query.rooms = {"attic", "hall"};
  EXPECT_EQ(told(*way.reads().history(query)), "0+10:1=30 0+10:1=20 10+10:1=31 ");
  query.fill = Fill::previous;
  EXPECT_EQ(told(*way.reads().history(query)), "0+10:1=30 0+10:1=20 10+10:1=31 10+10:0=20 ");
  query.limit = 3;  // a page may end between two rooms, and what is carried on goes to the next one
  const auto page = way.reads().history(query);
  EXPECT_EQ(told(*page), "0+10:1=30 0+10:1=20 10+10:1=31 ");
  query.after = page->next;
  const auto rest = way.reads().history(query);
  EXPECT_EQ(told(*rest), "10+10:0=20 ");
  EXPECT_FALSE(rest->next);
  query.rooms = {"attic", "cellar", "hall"};
  query.after.reset();
  const auto unknown = way.reads().history(query);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::room_unknown);
  EXPECT_NE(unknown.error().detail.find("cellar"), std::string::npos);
}

// The first day of 2000 and today, in buckets of a second: three thousand million of them are empty.
TEST_P(HistoryOnBoth, passes_quickly_over_years_without_readings) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", limits::kTimestampFirst, 10), degrees("hall", "a", kNoon, 20)}));
  for (int flushed = 0; flushed < 2; ++flushed) {
    auto query = of_hall(limits::kTimestampFirst, limits::kTimestampLast, seconds(1));
    std::vector<double> means;
    int pages = 0;
    for (bool more = true; more; ++pages) {
      const auto page = way.reads().history(query);
      ASSERT_TRUE(page);
      for (const auto& bucket : page->buckets) means.push_back(bucket.values->mean);
      query.after = page->next;
      more = page->next.has_value();
    }
    EXPECT_EQ(means, (std::vector<double>{10, 20}));
    EXPECT_LT(pages, 10);
    ASSERT_TRUE(way.pipeline().flush());
  }
}

TEST(History, ends_a_page_when_it_was_work_enough) {
  WayUnderTest way(make_rocks_stores());
  way.start();
  // A reading a day for years: each day is looked for in the store.
  std::vector<NamedReading> readings;
  for (int sensor = 0; sensor < 40; ++sensor) {
    for (int day = 1; day < 8000; day += 100) {
      readings.push_back(degrees("hall", "s" + std::to_string(sensor), kNoon - days(day), day));
    }
  }
  ASSERT_EQ(way.write(readings)->accepted, readings.size());
  ASSERT_TRUE(way.pipeline().flush());
  auto query = of_hall(kNoon - days(8000), kNoon, days(1));
  query.fill = Fill::null;
  query.limit = limits::kHistoryBucketsMax;
  std::size_t buckets = 0;
  std::uint64_t counted = 0;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = way.reads().history(query);
    ASSERT_TRUE(page);
    ASSERT_FALSE(page->buckets.empty());
    buckets += page->buckets.size();
    for (const auto& bucket : page->buckets) counted += bucket.count;
    query.after = page->next;
    more = page->next.has_value();
  }
  EXPECT_EQ(buckets, 8000U);
  EXPECT_EQ(counted, readings.size());
  EXPECT_GT(pages, 1) << "one page would have fitted: what it costs must be bounded";
}

TEST(History, refuses_the_cursor_of_another_question) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> readings;
  for (int i = 0; i < 50; ++i) readings.push_back(degrees("hall", "a", kNoon + seconds(i), i));
  ASSERT_TRUE(way.write(readings));
  auto query = of_hall(kNoon, kNoon + seconds(50), seconds(1));
  query.limit = 10;
  const auto page = way.reads().history(query);
  ASSERT_TRUE(page->next);
  const auto code_for = [&](auto change) {
    auto other = query;
    other.after = page->next;
    change(other);
    const auto answer = way.reads().history(other);
    return answer ? std::optional<ErrorCode>() : std::optional(answer.error().code);
  };
  EXPECT_EQ(code_for([](auto&) {}), std::nullopt);
  EXPECT_EQ(code_for([](auto& other) { other.step = seconds(2); }), ErrorCode::parameter_invalid);
  EXPECT_EQ(code_for([](auto& other) { other.from += seconds(1); }), ErrorCode::parameter_invalid);
  EXPECT_EQ(code_for([](auto& other) { other.after->bucket = 51; }), ErrorCode::parameter_invalid);
  EXPECT_EQ(code_for([](auto& other) { other.after->room = 1; }), ErrorCode::parameter_invalid);
  EXPECT_EQ(code_for([](auto& other) { other.after->filled = {1, 1}; }), ErrorCode::parameter_invalid);
  EXPECT_EQ(code_for([](auto& other) { other.after->filled = {12}; }), ErrorCode::parameter_invalid);
}

TEST(History, says_so_when_it_cannot_be_read) {
  WayUnderTest way(in_memory());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon - hours(5), 20), degrees("hall", "a", kNoon, 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  way.stores().history().fail_reads(true);
  EXPECT_EQ(way.reads().history(of_hall(kNoon - hours(6), kNoon, hours(1))).error().code, ErrorCode::history_failed);
  // What memory knows alone is answered.
  EXPECT_TRUE(way.reads().history(of_hall(kNoon - minutes(5), kNoon + minutes(1), minutes(1))));
  EXPECT_FALSE(way.reads().average_from_memory(hall_at(kNoon, hours(6)))->has_value());
  EXPECT_EQ((*way.reads().average_from_memory(hall_at(kNoon)))->count, 1U);
}

// What is late is both in memory and in the history for a while; the average and the buckets count it once.
TEST_P(HistoryOnBoth, counts_a_reading_once_that_is_in_memory_and_in_the_history) {
  WayUnderTest way(stores());
  way.start();
  std::vector<NamedReading> readings;
  for (int i = 0; i < 7200; ++i)
    readings.push_back(degrees("hall", i % 2 == 0 ? "a" : "b", kNoon - seconds(i), i % 10));
  ASSERT_TRUE(way.write(readings));
  ASSERT_TRUE(way.pipeline().flush());
  // Late, below the floor: two new ones, and a repeat that stays a duplicate.
  const auto late = way.write({degrees("hall", "late", kNoon - seconds(7000), 5), readings[7001],
                               degrees("hall", "a", kNoon - seconds(6001), 5)});
  EXPECT_EQ(late->accepted, 2U);
  for (int flushed = 0; flushed < 2; ++flushed) {
    const auto page = way.reads().history(of_hall(kNoon - seconds(7199), kNoon + seconds(1), hours(1)));
    EXPECT_EQ(told(*page), "-7199+3600:3602=4 -3599+3600:3600=4 ");
    const auto average = way.reads().average(hall_at(kNoon, seconds(7200)));
    EXPECT_EQ(average->count, 7202U);
    EXPECT_EQ(average->sensors, 3U);
    ASSERT_TRUE(way.pipeline().flush());
  }
}

}  // namespace
}  // namespace temperature::pipeline
