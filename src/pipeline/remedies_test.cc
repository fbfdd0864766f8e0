#include "pipeline/remedies.h"

#include <gtest/gtest.h>

#include <limits>
#include <list>

#include "history/memory_history.h"
#include "journal/memory_journal.h"
#include "pipeline/interrupted_journal_for_test.h"
#include "pipeline/way_under_test.h"

// Each of what makes deletions exact, switched off, makes an answer wrong.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Scope kHall{.building = "main", .room = "hall"};
const NamedReading kMorning = degrees("hall", "a", kNoon - hours(5), 21);

PipelineOptions with(Remedies remedies) {
  PipelineOptions options;
  options.remedies = remedies;
  options.flush_retry = hours(1);  // flushes come when they are told to
  return options;
}

// A hall whose readings of this morning have left memory.
void fill(WayUnderTest& way) {
  way.start();
  ASSERT_EQ(way.write({kMorning})->accepted, 1U);
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  ASSERT_TRUE(way.pipeline().flush());
}

// What the hall has at a moment.
std::optional<double> at(WayUnderTest& way, Timestamp moment) {
  const auto average = way.reads().average(hall_at(moment, Duration(1)));
  return average && average->count == 1 ? std::optional(average->value) : std::nullopt;
}

// The same hall, with a journal that lets something happen just before it takes a batch.
struct InterruptedHall {
  explicit InterruptedHall(const PipelineOptions& options) : pipeline(options, clock, catalogue, journal, history) {
    EXPECT_TRUE(pipeline.start());
    EXPECT_EQ(write(kMorning)->accepted, 1U);
    EXPECT_EQ(write(degrees("hall", "a", kNoon, 20))->accepted, 1U);
    EXPECT_TRUE(pipeline.flush());
  }
  Result<WriteOutcome> write(const NamedReading& reading, std::optional<std::string> correction = std::nullopt) {
    Told told;
    pipeline.write_path().write(parsed({reading}), "test", told, nullptr, std::move(correction));
    return told.wait();
  }

  FakeClock clock;
  catalogue::Catalogue catalogue{10};
  journal::MemoryJournal memory{catalogue};
  InterruptedJournal journal{memory};
  history::MemoryHistory inner;
  FailingHistory history{inner};
  Pipeline pipeline;
};

void switched_off(bool Remedies::* remedy, const std::function<bool(const PipelineOptions&)>& is_right) {
  Remedies remedies;
  EXPECT_TRUE(is_right(with(remedies)));
  remedies.*remedy = false;
  EXPECT_FALSE(is_right(with(remedies))) << "it is not needed, or not tested";
}

TEST(Remedies, memory_gives_up_what_is_deleted) {
  switched_off(&Remedies::empty_windows, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    EXPECT_TRUE(way.remove(kHall, kNoon, kNoon + kTick));
    return !at(way, kNoon);
  });
}

TEST(Remedies, readers_hide_what_the_history_has_not_deleted_yet) {
  switched_off(&Remedies::hide_history, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    way.stores().history().fail_writes(true);
    const auto removed = way.remove(kHall, kNoon - hours(6), kNoon - hours(4));
    EXPECT_TRUE(removed && !removed->deleted) << "nobody knows yet how many";
    const bool gone = !at(way, kMorning.timestamp);
    way.stores().history().fail_writes(false);
    EXPECT_TRUE(way.pipeline().flush());
    EXPECT_FALSE(at(way, kMorning.timestamp));
    return gone;
  });
}

// Its look-up found the old value; then that was deleted.
TEST(Remedies, what_was_looked_up_before_is_looked_up_again) {
  switched_off(&Remedies::raise_generation, [](const PipelineOptions& options) {
    InterruptedHall hall(options);
    DeletionTold deleted;
    hall.journal.before_append = [&] {
      hall.journal.before_append = [] {};
      hall.history.fail_writes(true);  // no flush raises the generation
      hall.pipeline.deletion_path().remove(
          {.origin = {kNoon, "test"}, .scope = kHall, .from = kMorning.timestamp, .to = kMorning.timestamp + kTick},
          deleted);
      EXPECT_TRUE(deleted.wait());
    };
    NamedReading right = kMorning;
    right.value = 22;
    const auto written = hall.write(right);
    hall.history.fail_writes(false);
    return written && written->accepted == 1;
  });
}

TEST(Remedies, tombstones_stand_before_what_came_after_them) {
  switched_off(&Remedies::tombstones_first, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    way.stores().history().fail_writes(true);
    EXPECT_TRUE(way.remove(kHall, kNoon - hours(6), kNoon - hours(4)));
    NamedReading right = kMorning;
    right.value = 22;
    EXPECT_EQ(way.write({right})->accepted, 1U);
    way.stores().history().fail_writes(false);
    EXPECT_TRUE(way.pipeline().flush());
    return at(way, right.timestamp) == 22;
  });
}

TEST(Remedies, memory_has_what_a_correction_says) {
  switched_off(&Remedies::empty_windows, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    EXPECT_EQ(way.replace({degrees("hall", "a", kNoon, 22)})->replaced, 1U);
    return at(way, kNoon) == 22;
  });
}

TEST(Remedies, readers_see_a_correction_that_the_history_has_not_taken_yet) {
  for (const auto remedy : {&Remedies::hide_history, &Remedies::show_corrections}) {
    switched_off(remedy, [](const PipelineOptions& options) {
      WayUnderTest way(in_memory(), options);
      fill(way);
      way.stores().history().fail_writes(true);
      NamedReading right = kMorning;
      right.value = 22;
      EXPECT_EQ(way.replace({right})->replaced, 1U);
      const auto seen = at(way, kMorning.timestamp);
      way.stores().history().fail_writes(false);
      EXPECT_TRUE(way.pipeline().flush());
      EXPECT_EQ(at(way, kMorning.timestamp), 22);
      return seen == 22;
    });
  }
}

// The look-up of a batch found the old value; then that was corrected.
TEST(Remedies, what_was_looked_up_before_a_correction_is_looked_up_again) {
  switched_off(&Remedies::raise_generation, [](const PipelineOptions& options) {
    InterruptedHall hall(options);
    NamedReading right = kMorning;
    right.value = 22;
    hall.journal.before_append = [&] {
      hall.journal.before_append = [] {};
      hall.history.fail_writes(true);  // no flush raises the generation
      EXPECT_EQ(hall.write(right, "")->replaced, 1U);
    };
    const bool is_right = hall.write(right)->duplicates == 1;
    hall.history.fail_writes(false);
    return is_right;
  });
}

// While a flush writes one deletion, another one and a new reading in its place come.
TEST(Remedies, nothing_is_taken_behind_a_deletion_that_is_not_written) {
  switched_off(&Remedies::hold_windows, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    FailingHistory& history = way.stores().history();
    history.fail_writes(true);
    EXPECT_TRUE(way.remove({.building = "main", .room = "hall"}, kNoon - hours(9), kNoon - hours(8)));
    DeletionTold second;
    NamedReading right = kMorning;
    right.value = 22;
    history.at_erasures([&, done = false]() mutable {
      if (std::exchange(done, true)) return;
      way.pipeline().deletion_path().remove(
          {.origin = {kNoon, "test"}, .scope = kHall, .from = kMorning.timestamp, .to = kMorning.timestamp + kTick},
          second);
      EXPECT_EQ(way.write({right})->accepted, 1U);
    });
    EXPECT_EQ(way.write({degrees("hall", "b", kNoon + minutes(1), 30)})->accepted, 1U) << "so that there is a flush";
    history.fail_writes(false);
    EXPECT_TRUE(way.pipeline().flush());
    EXPECT_TRUE(way.pipeline().flush());
    EXPECT_TRUE(second.wait());
    return at(way, right.timestamp) == 22;
  });
}

// Deletions come faster than a flush gets on: a window stays behind, and so does the position.
TEST(Remedies, the_position_does_not_pass_what_was_held_back) {
  switched_off(&Remedies::hold_position, [](const PipelineOptions& options) {
    WayUnderTest way(in_memory(), options);
    fill(way);
    FailingHistory& history = way.stores().history();
    history.fail_writes(true);
    EXPECT_TRUE(way.remove(kHall, kNoon - hours(9), kNoon - hours(8)));
    const NamedReading other = degrees("hall", "b", kNoon + minutes(1), 30);
    EXPECT_EQ(way.write({other})->accepted, 1U);
    std::list<DeletionTold> more;
    history.at_erasures([&, erasures = 0]() mutable {
      if (erasures++ % 2 != 0 || more.size() > 60) return;  // each deletion is of two series, and calls for one more
      way.pipeline().deletion_path().remove(
          {.origin = {kNoon, "test"}, .scope = kHall, .from = kNoon - hours(9), .to = kNoon - hours(8)},
          more.emplace_back());
    });
    history.fail_writes(false);
    EXPECT_TRUE(way.pipeline().flush());
    EXPECT_LT(more.size(), 60U) << "the flush has an end";
    history.fail_writes(true);  // and so ends the process
    way.crash();
    for (DeletionTold& each : more) EXPECT_TRUE(each.wait());
    way.start();
    return at(way, other.timestamp) == 30;
  });
}

}  // namespace
}  // namespace temperature::pipeline
