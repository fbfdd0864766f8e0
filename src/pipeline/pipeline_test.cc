#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "model/batch_limits.h"
#include "pipeline/interrupted_journal_for_test.h"
#include "pipeline/way_under_test.h"
#include "testing/comes_true.h"

namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class PipelineOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, PipelineOnBoth, ::testing::Bool(), store_name);

TEST(Pipeline, neither_takes_nor_answers_while_it_recovers) {
  WayUnderTest way(in_memory());
  way.build();
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 20)}).error().code, ErrorCode::recovering);
  EXPECT_EQ(way.pipeline().refuses_writes()->code, ErrorCode::recovering);
  EXPECT_EQ(way.reads().average(hall_at(kNoon)).error().code, ErrorCode::recovering);
  EXPECT_EQ(way.reads().readings(all_of_hall()).error().code, ErrorCode::recovering);
  EXPECT_EQ(way.reads().rooms({}).error().code, ErrorCode::recovering);
  EXPECT_EQ(way.reads().sensors({}).error().code, ErrorCode::recovering);

  ASSERT_TRUE(way.pipeline().start());
  EXPECT_FALSE(way.pipeline().refuses_writes());
  EXPECT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);
}

TEST_P(PipelineOnBoth, refuses_writes_and_goes_on_answering_while_it_stops) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  way.pipeline().stop();
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 20)}).error().code, ErrorCode::shutting_down);
  EXPECT_EQ(way.pipeline().refuses_writes()->code, ErrorCode::shutting_down);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);
  way.pipeline().stop();  // again: nothing happens
}

TEST_P(PipelineOnBoth, refuses_writes_and_goes_on_answering_after_the_journal_failed) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  way.stores().tear_next_write(0);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 30)}).error().code, ErrorCode::journal_failed);
  ASSERT_TRUE(way.pipeline().refuses_writes());
  EXPECT_EQ(way.pipeline().refuses_writes()->code, ErrorCode::journal_failed);
  // Nor does it guess success for the next one.
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(2), 30)}).error().code, ErrorCode::journal_failed);
  EXPECT_EQ(way.pipeline().state().phase(), ServiceState::Phase::serving);
  const auto average = way.reads().average(hall_at(kNoon + seconds(5)));
  ASSERT_TRUE(average);
  EXPECT_EQ(average->count, 1U);
  EXPECT_EQ(average->value, 20);

  way.crash();
  way.start();
  EXPECT_FALSE(way.pipeline().refuses_writes());
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(2), 30)})->accepted, 1U);
}

TEST(Pipeline, says_that_the_disk_is_full) {
  auto stores = std::make_unique<MemoryStores>();
  MemoryStores& memory = *stores;
  WayUnderTest way(std::move(stores));
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  memory.journal().fail_next({ErrorCode::disk_full, "no space"});
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 20)}).error().code, ErrorCode::disk_full);
  EXPECT_TRUE(way.pipeline().refuses_writes());
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);
}

TEST(Pipeline, journals_nothing_of_a_batch_without_an_admissible_reading) {
  WayUnderTest way(in_memory());
  way.start();
  const auto outcome = way.write({degrees("hall", "a", kNoon + hours(1), 20), degrees("", "a", kNoon, 20)});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->position, Position());
  EXPECT_EQ(outcome->accepted, 0U);
  EXPECT_EQ(outcome->rejected, 2U);
  EXPECT_EQ(outcome->rejected_details.at(0).error.code, ErrorCode::timestamp_ahead);
  EXPECT_EQ(outcome->rejected_details.at(1).error.code, ErrorCode::id_invalid);
  EXPECT_EQ(way.pipeline().figures().journal.last, Position());
}

TEST(Pipeline, lists_a_hundred_conflicts_and_counts_them_all) {
  WayUnderTest way(in_memory());
  way.start();
  std::vector<NamedReading> batch{degrees("", "refused", kNoon, 0)};  // the request's first place
  for (int i = 0; i < 150; ++i) batch.push_back(degrees("hall", "a", kNoon - seconds(i), 20));
  ASSERT_EQ(way.write(batch)->accepted, 150U);
  for (auto& reading : batch) reading.value = 21;
  const auto outcome = way.write(batch);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->conflicts, 150U);
  EXPECT_EQ(outcome->rejected, 1U);
  ASSERT_EQ(outcome->conflict_details.size(), limits::kDetailsListedMax);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(outcome->conflict_details[i].index, i + 1);
    EXPECT_EQ(outcome->conflict_details[i].stored, 20);
    EXPECT_EQ(outcome->conflict_details[i].refused, 21);
  }
}

// The flush.

TEST_P(PipelineOnBoth, keeps_the_journal_until_a_commit_that_failed_has_succeeded) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  way.stores().history().fail_commits(1);
  EXPECT_EQ(way.pipeline().flush().error().code, ErrorCode::history_failed);
  EXPECT_EQ(way.pipeline().figures().flushes_failed, 1U);
  EXPECT_EQ(way.pipeline().figures().journal.released, Position());
  EXPECT_EQ(way.pipeline().figures().history_safe, Position());
  EXPECT_EQ(way.pipeline().figures().readings_unflushed, 1U);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);

  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_EQ(way.pipeline().figures().readings_unflushed, 0U);
  EXPECT_EQ(way.pipeline().figures().history_safe, way.pipeline().figures().journal.last);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);
}

TEST(Pipeline, tries_a_flush_again_until_it_succeeds_though_nobody_writes) {
  PipelineOptions options;
  options.unflushed_readings_min = 1;
  options.flush_retry = milliseconds(1);
  WayUnderTest way(in_memory(), options);
  way.start();
  way.stores().history().fail_commits(3);
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  EXPECT_TRUE(testing::comes_true(
      [&] { return way.pipeline().figures().history_safe == Position(2); }));  // after its definitions
  EXPECT_EQ(way.pipeline().figures().flushes_failed, 3U);
}

TEST(Pipeline, refuses_writes_while_too_many_readings_wait_for_the_history) {
  PipelineOptions options;
  options.unflushed_readings_min = 1'000'000;
  options.unflushed_readings_max = 3;
  WayUnderTest way(in_memory(), options);
  way.start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(way.write({degrees("hall", "a", kNoon - seconds(i), 20)}));
  EXPECT_FALSE(way.pipeline().refuses_writes());  // three may wait
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon - seconds(3), 20)}));
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon - seconds(4), 20)}).error().code, ErrorCode::overloaded);
  EXPECT_EQ(way.pipeline().refuses_writes()->code, ErrorCode::overloaded);
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 4U);
  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_FALSE(way.pipeline().refuses_writes());
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon - seconds(4), 20)})->accepted, 1U);
}

// The applier began at position 0 after a restart: a flush without a write moved the safe position back
// there, and the journal, long released, was refused at the next start.
TEST_P(PipelineOnBoth, keeps_its_safe_position_when_it_flushes_right_after_a_restart) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  const Position safe = way.pipeline().figures().history_safe;
  EXPECT_EQ(safe, Position(2));
  for (int restart = 0; restart < 3; ++restart) {
    way.close();
    way.start();
    ASSERT_TRUE(way.pipeline().flush());
    EXPECT_EQ(way.pipeline().figures().history_safe, safe);
  }
  EXPECT_EQ(way.reads().average(hall_at(kNoon))->count, 1U);
}

// A flush wrote a reading and the process ended before its commit. The reading came back as a duplicate,
// so the history never learnt that it is its series' newest, and a later start looked past it.
TEST_P(PipelineOnBoth, finds_readings_of_an_interrupted_flush_after_two_restarts) {
  WayUnderTest way(stores());
  way.start();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon + seconds(1), 30)}));
  way.stores().history().fail_commits(1);
  ASSERT_FALSE(way.pipeline().flush());
  way.crash();
  way.start();
  ASSERT_TRUE(way.pipeline().flush());
  way.close();
  way.clock().advance(hours(3));  // the room is silent by now: its window begins empty
  way.start();
  EXPECT_EQ(way.reads().average(hall_at(kNoon + seconds(1)))->value, 25);
  EXPECT_EQ(way.write({degrees("hall", "a", kNoon + seconds(1), 30)})->duplicates, 1U);
}

TEST(Pipeline, knows_a_late_reading_that_left_memory_after_it_looked_into_the_history) {
  const FakeClock clock;
  catalogue::Catalogue catalogue(10);
  journal::MemoryJournal memory(catalogue);
  InterruptedJournal journal(memory);
  history::MemoryHistory history;
  Pipeline pipeline({}, clock, catalogue, journal, history);
  ASSERT_TRUE(pipeline.start());
  const auto write = [&pipeline](const NamedReading& reading) {
    Told told;
    pipeline.write_path().write(parsed({reading}), "test", told);
    return told.wait();
  };
  ASSERT_TRUE(write(degrees("hall", "a", kNoon - hours(6), 20)));
  ASSERT_TRUE(write(degrees("hall", "a", kNoon, 20)));
  ASSERT_TRUE(pipeline.flush());
  const NamedReading late = degrees("hall", "a", kNoon - hours(5), 21);
  ASSERT_EQ(write(late)->accepted, 1U);  // in memory, and there alone

  journal.before_append = [&] { ASSERT_TRUE(pipeline.flush()); };
  EXPECT_EQ(write(late)->duplicates, 1U);
  EXPECT_EQ(pipeline.figures().readings_in_windows, 1U) << "the flush left only the newest reading in memory";
  NamedReading other = late;
  other.value = 22;
  EXPECT_EQ(write(other)->conflict_details.at(0).stored, 21);
}

// Readers, writers and the flusher at the same time; the sanitizers watch.
TEST_P(PipelineOnBoth, answers_what_was_acknowledged_while_others_write) {
  PipelineOptions options;
  options.unflushed_readings_min = 200;
  options.window_span = seconds(30);
  WayUnderTest way(stores(), options);
  way.start();
  constexpr int kWriters = 3;
  constexpr int kBatches = 60;
  std::vector<std::thread> writers;
  std::atomic<int> wrong{0};
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int batch = 0; batch < kBatches; ++batch) {
        std::vector<NamedReading> readings;
        for (int i = 0; i < 10; ++i) {
          readings.push_back(degrees("hall", "s" + std::to_string(writer), kNoon - seconds(batch * 10 + i), writer));
        }
        const auto outcome = way.write(readings);
        if (!outcome || outcome->accepted != 10) ++wrong;
        auto query = hall_at(kNoon, hours(1));
        query.sensor = "s" + std::to_string(writer);
        const auto average = way.reads().average(query);
        const auto written = static_cast<std::uint64_t>(batch + 1) * 10;
        if (!average || average->count != written || average->value != writer) ++wrong;
        const auto room = way.reads().average(hall_at(kNoon, hours(1)));
        if (!room || room->count < written) ++wrong;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(way.reads().average(hall_at(kNoon, hours(1)))->count, std::uint64_t{kWriters} * kBatches * 10);
}

}  // namespace
}  // namespace temperature::pipeline
