#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <thread>
#include <utility>

#include "base/time.h"
#include "pipeline/way_under_test.h"

// Corrections on the whole way.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A flush that fails is tried again at once.
PipelineOptions eager() {
  PipelineOptions options;
  options.flush_retry = std::chrono::milliseconds(1);
  return options;
}

std::vector<double> values_of(WayUnderTest& way) {
  std::vector<double> values;
  const auto page = way.reads().readings(all_of_hall());
  for (const auto& row : page->rows) values.push_back(row.value);
  return values;
}

void expect_counts(const Result<WriteOutcome>& outcome, std::uint64_t accepted, std::uint64_t duplicates,
                   std::uint64_t replaced) {
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->accepted, accepted);
  EXPECT_EQ(outcome->duplicates, duplicates);
  EXPECT_EQ(outcome->replaced, replaced);
  EXPECT_EQ(outcome->conflicts, 0U);
}

class CorrectionsOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, CorrectionsOnBoth, ::testing::Bool(), store_name);

TEST_P(CorrectionsOnBoth, take_the_places_of_other_values) {
  WayUnderTest way(stores(), eager());
  way.start();
  const Timestamp morning = kNoon - hours(5);
  ASSERT_EQ(way.write({degrees("hall", "a", morning, 68), degrees("hall", "a", morning + seconds(1), 70)})->accepted,
            2U);
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "b", kNoon, 212)})->accepted, 2U);
  ASSERT_TRUE(way.pipeline().flush());  // those of the morning leave memory
  expect_counts(way.replace({degrees("hall", "a", morning, 20), degrees("hall", "a", morning + seconds(1), 70),
                             degrees("hall", "b", kNoon, 100), degrees("hall", "b", kNoon + seconds(1), 30)}),
                1, 1, 2);
  const std::vector<double> right{20, 70, 20, 100, 30};
  EXPECT_EQ(values_of(way), right);
  EXPECT_EQ(way.reads().average(hall_at(kNoon, seconds(1)))->value, 60);
  EXPECT_EQ(way.reads().average(hall_at(kNoon, hours(6)))->max, 100);
  EXPECT_EQ(way.write({degrees("hall", "a", morning, 68)})->conflicts, 1U) << "the new value is what is stored now";
  expect_counts(way.replace({degrees("hall", "a", morning, 20)}), 0, 1, 0);
  for (const bool crashes : {true, false, true}) {
    crashes ? way.crash() : way.close();
    way.start();
    EXPECT_EQ(values_of(way), right);
  }
}

TEST_P(CorrectionsOnBoth, the_last_of_several_for_one_place_stays) {
  WayUnderTest way(stores(), eager());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 1)})->accepted, 1U);
  expect_counts(
      way.replace({degrees("hall", "a", kNoon, 2), degrees("hall", "b", kNoon, 5), degrees("hall", "a", kNoon, 3),
                   degrees("hall", "b", kNoon, 6), degrees("hall", "a", kNoon, 3)}),
      1, 3, 1);
  EXPECT_EQ(values_of(way), (std::vector<double>{3, 6}));
  expect_counts(way.replace({degrees("hall", "a", kNoon, 9), degrees("hall", "a", kNoon, 3)}), 0, 2, 0);
  EXPECT_EQ(values_of(way), (std::vector<double>{3, 6}));
  way.crash();
  way.start();
  EXPECT_EQ(values_of(way), (std::vector<double>{3, 6}));
}

// The history has what came after the corrections, but not the position: all of it is delivered again.
TEST_P(CorrectionsOnBoth, come_to_the_same_when_the_history_was_ahead) {
  WayUnderTest way(stores(), eager());
  way.start();
  const Timestamp morning = kNoon - hours(5);
  ASSERT_EQ(way.write({degrees("hall", "a", morning, 1), degrees("hall", "a", kNoon, 1)})->accepted, 2U);
  ASSERT_TRUE(way.pipeline().flush());
  way.stores().history().fail_commits(1'000'000);
  expect_counts(way.replace({degrees("hall", "a", morning, 2), degrees("hall", "a", kNoon, 2)}), 0, 0, 2);
  ASSERT_TRUE(way.remove({.building = "main", .room = "hall"}, morning, morning + kTick));
  ASSERT_EQ(way.write({degrees("hall", "a", morning, 3)})->accepted, 1U);
  expect_counts(way.replace({degrees("hall", "a", kNoon, 4)}), 0, 0, 1);
  EXPECT_FALSE(way.pipeline().flush());  // written, and not committed
  way.crash();
  for (int again = 0; again < 2; ++again) {
    way.start();
    EXPECT_EQ(values_of(way), (std::vector<double>{3, 4}));
    if (again == 0) ASSERT_TRUE(way.pipeline().flush());
    way.close();
  }
}

TEST_P(CorrectionsOnBoth, show_in_the_newest_reading) {
  WayUnderTest way(stores(), eager());
  way.start();
  ASSERT_EQ(
      way.write({degrees("hall", "a", kNoon - hours(6), 18), degrees("hall", "b", kNoon - hours(7), 17)})->accepted,
      2U);
  ASSERT_EQ(way.write({degrees("hall", "c", kNoon, 20)})->accepted, 1U);
  ASSERT_TRUE(way.pipeline().flush());
  expect_counts(way.replace({degrees("hall", "a", kNoon - hours(6), 19), degrees("hall", "c", kNoon, 21)}), 0, 0, 2);
  const auto newest = [&way](Timestamp at) { return way.reads().average(hall_at(at, seconds(1)))->latest->value; };
  for (int restarts = 0; restarts < 3; ++restarts) {
    EXPECT_EQ(newest(kNoon + hours(1)), 21);
    EXPECT_EQ(newest(kNoon - minutes(1)), 19);
    if (restarts == 0) ASSERT_TRUE(way.pipeline().flush());
    way.close();
    way.start();
  }
}

// A flush finds out what is left as a sensor's newest reading; before that or in the middle of it that one is
// corrected.
TEST(Corrections, of_a_newest_reading_that_a_deletion_left_show) {
  for (const bool in_the_middle : {false, true}) {
    PipelineOptions options;
    options.flush_retry = hours(1);  // flushes come when they are told to
    WayUnderTest way(in_memory(), options);
    way.start();
    ASSERT_EQ(way.write({degrees("hall", "a", kNoon - hours(6), 18)})->accepted, 1U);
    ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
    ASSERT_TRUE(way.pipeline().flush());
    FailingHistory& history = way.stores().history();
    history.fail_writes(true);
    ASSERT_TRUE(way.remove({.building = "main", .room = "hall"}, kNoon, kNoon + kTick));
    const auto correct = [&] { EXPECT_EQ(way.replace({degrees("hall", "a", kNoon - hours(6), 30)})->replaced, 1U); };
    if (!in_the_middle) correct();
    history.at_erasures([&, done = !in_the_middle]() mutable {
      if (!std::exchange(done, true)) correct();
    });
    history.fail_writes(false);
    for (int flushes = 0; flushes < 3; ++flushes) {
      ASSERT_TRUE(way.pipeline().flush());
      EXPECT_EQ(way.reads().average(hall_at(kNoon + hours(1)))->latest->value, 30);
    }
  }
}

TEST(Corrections, are_bounded_while_they_wait_for_the_history) {
  WayUnderTest way(in_memory(), eager());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 0)})->accepted, 1U);
  way.stores().history().fail_writes(true);
  for (std::size_t i = 0; i < limits::kPendingDeletionsMax; ++i) {
    expect_counts(way.replace({degrees("hall", "a", kNoon, 0), degrees("hall", "b", kNoon, 0)}), i == 0 ? 1 : 0,
                  i == 0 ? 1 : 2, 0);  // take no place
  }
  for (std::size_t i = 1; i <= limits::kPendingDeletionsMax; ++i) {
    expect_counts(way.replace({degrees("hall", "a", kNoon, static_cast<double>(i))}), 0, 0, 1);
  }
  const auto one_more = way.replace({degrees("hall", "a", kNoon, -1)});
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, ErrorCode::overloaded);
  EXPECT_EQ(values_of(way).front(), 256);
  way.stores().history().fail_writes(false);
  ASSERT_TRUE(way.pipeline().flush());
  expect_counts(way.replace({degrees("hall", "a", kNoon, -1)}), 0, 0, 1);
}

TEST(Corrections, reserve_room_for_their_readings) {
  PendingDeletions pending;
  auto first = pending.reserve(limits::kPendingCorrectedMax + 1);  // alone
  ASSERT_TRUE(first);
  EXPECT_FALSE(pending.reserve(1));
  first.reset();
  auto half = pending.reserve(limits::kPendingCorrectedMax / 2);
  auto other = pending.reserve(limits::kPendingCorrectedMax / 2);
  ASSERT_TRUE(half && other);
  EXPECT_FALSE(pending.reserve(1));
  auto correction = std::make_shared<PendingDeletion>();
  correction->position = Position(1);
  correction->readings_reserved = half->hand_over();
  pending.add(correction, true);
  half.reset();
  EXPECT_FALSE(pending.reserve(1)) << "it is the correction's";
  pending.complete(Position(1));
  pending.remove_upto(Position(1));
  EXPECT_TRUE(pending.reserve(1));
}

TEST(Corrections, need_a_folder_that_admits_them) {
  PipelineOptions options;
  options.admit_judgements = [] { return failure(ErrorCode::startup, "the folder is read-only"); };
  WayUnderTest way(in_memory(), options);
  way.start();
  const auto refused = way.replace({degrees("hall", "a", kNoon, 20)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::startup);
  EXPECT_FALSE(way.reads().readings(all_of_hall())) << "nothing was ever stored there";
}

// Readers beside them, while flushes go on: in memory, and in the history alone.
TEST_P(CorrectionsOnBoth, leave_either_value_at_any_moment) {
  WayUnderTest way(stores(), eager());
  way.start();
  const Timestamp morning = kNoon - hours(5);
  ASSERT_EQ(way.write({degrees("hall", "a", morning, 0), degrees("hall", "a", kNoon, 0)})->accepted, 2U);
  ASSERT_TRUE(way.pipeline().flush());
  std::atomic<bool> over{false};
  std::atomic<int> asked{0};
  std::thread reader([&] {
    double least = 0;
    while (!over.load() || asked.load() < 100) {
      asked.fetch_add(1);
      for (const Timestamp at : {morning, kNoon}) {
        const auto average = way.reads().average(hall_at(at, Duration(1)));
        ASSERT_EQ(average->count, 1U);
      }
      const auto seen = values_of(way);
      ASSERT_EQ(seen.size(), 2U);
      ASSERT_GE(seen[0], least) << "an old value comes back";
      least = seen[0];
    }
  });
  for (int i = 1; i <= 60; ++i) {
    const auto value = static_cast<double>(i);
    EXPECT_EQ(way.replace({degrees("hall", "a", morning, value), degrees("hall", "a", kNoon, value)})->replaced, 2U);
    while (asked.load() < i) std::this_thread::yield();
  }
  over.store(true);
  reader.join();
  EXPECT_EQ(values_of(way), (std::vector<double>{60, 60}));
}

}  // namespace
}  // namespace temperature::pipeline
