#include "pipeline/look_ups.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "history/memory_history.h"
#include "journal/memory_journal.h"
#include "pipeline/interrupted_journal_for_test.h"
#include "pipeline/way_under_test.h"

// Late readings, while the history cannot be asked for them.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A hall whose readings of this morning have left memory.
class LookUpsTest : public ::testing::Test {
 public:
  ~LookUpsTest() override { pipeline.stop(); }

 protected:
  void SetUp() override {
    ASSERT_TRUE(pipeline.start());
    ASSERT_TRUE(write(degrees("hall", "a", kNoon - hours(6), 20)));
    ASSERT_TRUE(write(degrees("hall", "a", kNoon, 20)));
    ASSERT_TRUE(pipeline.flush());
  }

  Result<WriteOutcome> write(const std::vector<NamedReading>& readings) {
    Told told;
    pipeline.write_path().write(parsed(readings), "test", told);
    return told.wait();
  }
  Result<WriteOutcome> write(const NamedReading& reading) { return write(std::vector{reading}); }
  Result<WriteOutcome> replace(const std::vector<NamedReading>& readings) {
    Told told;
    pipeline.write_path().write(parsed(readings), "test", told, nullptr, "");
    return told.wait();
  }

  // While the next batch is on its way from its look-up to the applier, a flush makes that look-up void, and the
  // history stops answering.
  void fail_the_next_while_it_is_applied() {
    journal.before_append = [this] {
      journal.before_append = [] {};
      ASSERT_TRUE(write(degrees("hall", "a", kNoon + seconds(++flushed), 20)));
      ASSERT_TRUE(pipeline.flush());
      history.fail_reads(true);
      history.fail_commits(std::numeric_limits<int>::max());  // nor does a flush help yet
    };
  }
  void mend() {
    history.fail_reads(false);
    history.fail_commits(0);
  }
  std::optional<double> stored_at(Timestamp at) {
    const auto average = pipeline.read_path().average(hall_at(at, Duration(1)));
    return average && average->count == 1 ? std::optional(average->value) : std::nullopt;
  }
  std::vector<std::string> said() {
    const std::lock_guard lock(mutex);
    return log;
  }

  PipelineOptions options() {
    PipelineOptions options;
    options.flush_retry = hours(1);
    options.log = [this](const std::string& what, bool) {
      if (!what.contains("late readings")) return;  // others say theirs
      const std::lock_guard lock(mutex);
      log.push_back(what);
    };
    return options;
  }

  FakeClock clock;
  std::mutex mutex;
  std::vector<std::string> log;  // guarded by mutex
  int flushed = 0;
  catalogue::Catalogue catalogue{10};
  journal::MemoryJournal memory{catalogue};
  InterruptedJournal journal{memory};
  history::MemoryHistory inner;
  FailingHistory history{inner};
  Pipeline pipeline{options(), clock, catalogue, journal, history};
};

const NamedReading kLate = degrees("hall", "a", kNoon - hours(5), 21);

NamedReading with_value(NamedReading reading, double value) {
  reading.value = value;
  return reading;
}

TEST_F(LookUpsTest, a_reading_that_cannot_be_looked_up_while_it_is_applied_is_not_taken_for_new) {
  ASSERT_EQ(write(kLate)->accepted, 1U);
  ASSERT_TRUE(pipeline.flush());
  const auto accepted = pipeline.figures().readings_accepted;
  fail_the_next_while_it_is_applied();
  const auto failed = write(with_value(kLate, 99));  // the history has 21 there
  ASSERT_FALSE(failed) << "accepted " << failed->accepted << ", conflicts " << failed->conflicts;
  EXPECT_EQ(failed.error().code, ErrorCode::history_failed);
  EXPECT_NE(failed.error().detail.find("send all of them again"), std::string::npos) << failed.error().detail;
  EXPECT_EQ(pipeline.figures().readings_accepted, accepted + 1) << "that of the flush in between alone";
  EXPECT_EQ(pipeline.figures().look_ups_failed, 1U);

  mend();
  ASSERT_TRUE(pipeline.flush());
  EXPECT_EQ(stored_at(kLate.timestamp), 21);
  EXPECT_EQ(write(with_value(kLate, 99))->conflicts, 1U);
  EXPECT_EQ(write(kLate)->duplicates, 1U);
}

TEST_F(LookUpsTest, of_a_batch_the_others_are_stored_and_nothing_counts_twice_when_it_is_repeated) {
  const std::vector batch{kLate, degrees("hall", "a", kNoon + minutes(5), 22)};
  fail_the_next_while_it_is_applied();
  ASSERT_EQ(write(batch).error().code, ErrorCode::history_failed);
  EXPECT_EQ(stored_at(kNoon + minutes(5)), 22);
  mend();
  EXPECT_EQ(stored_at(kLate.timestamp), std::nullopt);
  ASSERT_TRUE(pipeline.flush());
  const auto repeated = write(batch);
  ASSERT_TRUE(repeated) << repeated.error().detail;
  EXPECT_EQ(repeated->accepted, 1U);
  EXPECT_EQ(repeated->duplicates, 1U);
  EXPECT_EQ(stored_at(kLate.timestamp), 21);
  EXPECT_EQ(pipeline.read_path().average(hall_at(kNoon + minutes(5), hours(12)))->count, 5U);
}

// Of a correction, too, what is decided is taken, and the rest when it is repeated.
TEST_F(LookUpsTest, a_correction_that_cannot_be_looked_up_while_it_is_applied_is_repeated) {
  ASSERT_EQ(write(kLate)->accepted, 1U);
  ASSERT_TRUE(pipeline.flush());
  const std::vector correction{with_value(kLate, 99), degrees("hall", "a", kNoon, 98)};
  fail_the_next_while_it_is_applied();
  const auto failed = replace(correction);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::history_failed);
  EXPECT_EQ(stored_at(kNoon), 98);
  mend();
  EXPECT_EQ(stored_at(kLate.timestamp), 21) << "nobody knew what stood there";
  ASSERT_TRUE(pipeline.flush());
  const auto repeated = replace(correction);
  ASSERT_TRUE(repeated) << repeated.error().detail;
  EXPECT_EQ(repeated->replaced, 1U);
  EXPECT_EQ(repeated->duplicates, 1U);
  EXPECT_EQ(stored_at(kLate.timestamp), 99);
  EXPECT_EQ(stored_at(kNoon), 98);
}

// The journal has the reading that was not taken: a restart decides about it before whatever came later.
TEST_F(LookUpsTest, what_is_acknowledged_in_its_place_later_is_there_after_a_restart) {
  fail_the_next_while_it_is_applied();
  ASSERT_EQ(write(kLate).error().code, ErrorCode::history_failed);
  history.fail_reads(false);
  const NamedReading other = with_value(kLate, 22);
  ASSERT_EQ(write(other).error().code, ErrorCode::history_failed) << "the history answers, but nothing was flushed yet";
  EXPECT_EQ(write(degrees("hall", "a", kNoon + minutes(5), 23))->accepted, 1U) << "what is not late is taken";
  mend();
  ASSERT_TRUE(pipeline.flush());
  ASSERT_EQ(write(other)->accepted, 1U);

  catalogue::Catalogue its_catalogue(10);
  journal::MemoryJournal its_journal(its_catalogue, memory.contents());
  history::MemoryHistory its_history(inner.contents());
  Pipeline restarted({}, clock, its_catalogue, its_journal, its_history);
  ASSERT_TRUE(restarted.start());
  EXPECT_EQ(restarted.read_path().average(hall_at(kLate.timestamp, Duration(1)))->value, 22);
}

// Its own look-up was in time and found nothing, but another reading for its place came before it.
TEST_F(LookUpsTest, what_is_on_its_way_behind_such_a_reading_is_not_taken_either) {
  Result<WriteOutcome> first;
  journal.before_append = [&] {
    fail_the_next_while_it_is_applied();
    first = write(kLate);
    history.fail_reads(false);
  };
  const auto second = write(with_value(kLate, 22));
  EXPECT_EQ(first.error().code, ErrorCode::history_failed);
  ASSERT_FALSE(second) << "accepted " << second->accepted;
  EXPECT_EQ(second.error().code, ErrorCode::history_failed);
}

TEST_F(LookUpsTest, a_flush_follows_by_itself) {
  journal.before_append = [this] {
    journal.before_append = [] {};
    ASSERT_TRUE(write(degrees("hall", "a", kNoon + seconds(1), 20)));
    ASSERT_TRUE(pipeline.flush());
    history.fail_reads(true);
  };
  ASSERT_EQ(write(kLate).error().code, ErrorCode::history_failed);
  history.fail_reads(false);
  while (!write(kLate)) std::this_thread::yield();
  EXPECT_EQ(stored_at(kLate.timestamp), 21);
}

TEST_F(LookUpsTest, a_start_does_not_take_for_new_what_it_cannot_look_up) {
  history.fail_commits(std::numeric_limits<int>::max());
  ASSERT_EQ(write(kLate)->accepted, 1U);  // in the journal, and not in the history
  catalogue::Catalogue its_catalogue(10);
  journal::MemoryJournal its_journal(its_catalogue, memory.contents());
  history::MemoryHistory stored(inner.contents());
  FailingHistory its_history(stored);
  its_history.fail_reads(true);
  FakeClock later;
  later.advance(hours(24));  // nothing is filled from the history at the start
  Pipeline restarted({}, later, its_catalogue, its_journal, its_history);
  const auto recovery = restarted.start();
  ASSERT_FALSE(recovery);
  EXPECT_EQ(recovery.error().code, ErrorCode::history_failed);
  EXPECT_EQ(restarted.figures().readings_in_windows, 0U);
}

TEST_F(LookUpsTest, each_change_is_said_once) {
  const NamedReading stored = degrees("hall", "a", kNoon - hours(6), 20);
  history.fail_reads(true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(write(kLate).error().code, ErrorCode::history_failed);
  ASSERT_EQ(said().size(), 1U);
  EXPECT_NE(said()[0].find("late readings are refused"), std::string::npos);
  EXPECT_EQ(pipeline.figures().look_ups_failed, 3U);

  history.fail_reads(false);
  ASSERT_EQ(write(stored)->duplicates, 1U);
  EXPECT_EQ(said().size(), 1U) << "damage in one place fails now and then: not said each time";
  clock.advance(limits::kLookUpsWorkAgain);
  ASSERT_EQ(write(stored)->duplicates, 1U);
  ASSERT_EQ(said().size(), 2U);
  EXPECT_NE(said()[1].find("taken again"), std::string::npos);
  clock.advance(limits::kLookUpsWorkAgain);
  ASSERT_EQ(write(stored)->duplicates, 1U);
  EXPECT_EQ(said().size(), 2U);
  history.fail_reads(true);
  EXPECT_FALSE(write(stored));
  EXPECT_EQ(said().size(), 3U);
}

}  // namespace
}  // namespace temperature::pipeline
