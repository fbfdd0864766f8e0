#include "pipeline/purger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "history/stored_for_test.h"
#include "journal/record.h"
#include "pipeline/way_under_test.h"
#include "testing/comes_true.h"

// Deletions with a purge on the whole way: what files have afterwards, and what is answered.
namespace temperature::pipeline {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Scope kPurgedHall{.building = "main", .room = "hall", .sensor = "secret"};

// Readings of sensor "secret" have these values alone, and nobody else has them.
constexpr double kSecret = 4'711.25;

PipelineOptions impatient() {
  PipelineOptions options;
  options.flush_retry = std::chrono::milliseconds(1);
  options.purge_answer_wait = std::chrono::milliseconds(0);
  return options;
}

PipelineOptions patient() {
  PipelineOptions options;
  options.purge_answer_wait = std::chrono::hours(1);
  return options;
}

bool is_secret(double value) {
  return value >= kSecret && value < kSecret + 1;
}

std::size_t secrets_of_history(const std::filesystem::path& folder) {
  const auto all = history::everything_decoded(folder);
  return static_cast<std::size_t>(
      std::ranges::count_if(all.samples, [](const auto& each) { return is_secret(each.second.value); }));
}

std::size_t secrets_of_journal(const std::filesystem::path& folder) {
  std::size_t found = 0;
  for (const rocks::Stored& stored : rocks::everything_stored(folder, {"default"}, nullptr)) {
    auto group = journal::GroupReader::open(stored.value);
    EXPECT_TRUE(group) << stored.file;
    journal::Record record;
    while (group && !group->done()) {
      const auto read = group->next(record);
      EXPECT_TRUE(read) << read.error().detail;
      if (!read) break;
      found += static_cast<std::size_t>(std::ranges::count_if(record.readings.values, is_secret));
    }
  }
  return found;
}

class PurgeOnDisk : public ::testing::Test {
 protected:
  explicit PurgeOnDisk(PipelineOptions options = {}) : way(make_stores(), std::move(options)) { way.start(); }
  std::unique_ptr<Stores> make_stores() {
    auto stores = make_rocks_stores();
    folder = stores->folder();
    return stores;
  }

  // Beside readings of others, some of them written after the flush, some late ones among them.
  void write(int from, int to) {
    for (int i = from; i < to; ++i) {
      const Timestamp at = kNoon + seconds(i);
      ASSERT_EQ(way.write({degrees("hall", "secret", at, kSecret + i / 1e4), degrees("hall", "b", at, 20 + i % 7),
                           degrees("attic", "secret", at, 5)})
                    ->accepted,
                3U);
    }
  }
  [[nodiscard]] std::size_t in_history() const { return secrets_of_history(folder / "history"); }
  [[nodiscard]] std::size_t in_journal() const { return secrets_of_journal(folder / "journal"); }

  Result<DeletionOutcome> purge(DeletionTold& told, Timestamp from = kNoon, Timestamp to = kNoon + minutes(60)) {
    way.pipeline().deletion_path().remove(
        {.origin = {kNoon, "test"}, .scope = kPurgedHall, .from = from, .to = to, .purge = true}, told);
    return told.wait();
  }
  void wait_until_done() {
    ASSERT_TRUE(temperature::testing::comes_true([&] { return way.pipeline().figures().purges_waiting == 0; }));
  }

  std::filesystem::path folder;
  WayUnderTest way;
};

class PatientPurgeOnDisk : public PurgeOnDisk {
 protected:
  PatientPurgeOnDisk() : PurgeOnDisk(patient()) {}
};
class ImpatientPurgeOnDisk : public PurgeOnDisk {
 protected:
  ImpatientPurgeOnDisk() : PurgeOnDisk(impatient()) {}
};

TEST_F(PatientPurgeOnDisk, is_answered_when_no_file_has_what_was_deleted) {
  write(0, 20);
  ASSERT_TRUE(way.pipeline().flush());
  way.pipeline().settle();
  write(20, 40);
  ASSERT_TRUE(way.pipeline().flush());
  write(40, 50);
  EXPECT_GE(in_history(), 40U);
  EXPECT_GE(in_journal(), 10U);
  // One without a purge leaves the bytes where they are.
  ASSERT_TRUE(way.remove(kPurgedHall, kNoon, kNoon + seconds(5)));
  EXPECT_GE(in_history(), 40U);
  DeletionTold told;
  const auto outcome = purge(told);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->deleted, 45U);
  ASSERT_TRUE(outcome->purge);
  EXPECT_TRUE(outcome->purge->done) << outcome->purge->waits_for;
  EXPECT_EQ(in_history(), 0U);
  EXPECT_EQ(in_journal(), 0U);
  EXPECT_EQ(way.pipeline().figures().purges_waiting, 0U);
  EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 50U) << "those of the other sensor";
  way.close();
  way.start();
  EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 50U);
  write(60, 61);
  EXPECT_GE(in_journal(), 1U) << "what is sent afterwards is stored again";
}

TEST_F(PatientPurgeOnDisk, of_a_room_that_nobody_writes_to_any_more_empties_the_journal_too) {
  write(0, 3);  // the last commit, which the journal keeps
  DeletionTold told;
  EXPECT_TRUE(purge(told)->purge->done);
  EXPECT_EQ(in_history() + in_journal(), 0U);
}

TEST_F(ImpatientPurgeOnDisk, is_answered_that_it_goes_on_and_comes_to_its_end) {
  write(0, 20);
  const auto held = way.pipeline().hold_journal();
  DeletionTold told;
  const auto outcome = purge(told);
  ASSERT_TRUE(outcome && outcome->purge);
  EXPECT_FALSE(outcome->purge->done);
  EXPECT_NE(outcome->purge->waits_for, "");
  EXPECT_EQ(way.pipeline().figures().purges_waiting, 1U);
}

TEST_F(ImpatientPurgeOnDisk, waits_for_who_holds_the_journal) {
  write(0, 20);
  auto held = way.pipeline().hold_journal();
  DeletionTold told;
  EXPECT_FALSE(purge(told)->purge->done);
  ASSERT_TRUE(temperature::testing::comes_true([&] { return in_history() == 0; }));
  EXPECT_GE(in_journal(), 20U);
  EXPECT_EQ(way.pipeline().figures().purges_waiting, 1U);
  held.reset();
  wait_until_done();
  EXPECT_EQ(in_journal(), 0U);
}

TEST_F(ImpatientPurgeOnDisk, waits_for_who_follows_the_journal_and_not_for_what_came_later) {
  write(0, 20);
  way.pipeline().keep_journal_after(Position(0));
  std::array<DeletionTold, 2> told;
  const Position first = purge(told[0], kNoon, kNoon + seconds(10))->position;
  EXPECT_FALSE(purge(told[1])->purge->done);
  EXPECT_EQ(way.pipeline().figures().purges_waiting, 2U);
  EXPECT_GE(in_journal(), 20U);
  way.pipeline().keep_journal_after(first);
  ASSERT_TRUE(temperature::testing::comes_true([&] { return way.pipeline().figures().purges_waiting == 1; }));
  way.pipeline().keep_journal_after(Position(UINT64_MAX));
  wait_until_done();
  EXPECT_EQ(in_history() + in_journal(), 0U);
}

TEST_F(ImpatientPurgeOnDisk, goes_on_after_a_restart_and_after_a_crash) {
  for (const bool crash : {false, true}) {
    write(crash ? 20 : 0, crash ? 40 : 20);
    {
      const auto held = way.pipeline().hold_journal();
      DeletionTold told;
      EXPECT_FALSE(purge(told)->purge->done);
    }
    if (crash) {
      way.crash();
    } else {
      way.close();
    }
    way.start();
    wait_until_done();
    EXPECT_EQ(in_history() + in_journal(), 0U);
    EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), crash ? 40U : 20U);
  }
}

TEST(Purges, are_bounded_while_they_wait) {
  WayUnderTest way(in_memory(), impatient());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "secret", kNoon, 20)})->accepted, 1U);
  const auto held = way.pipeline().hold_journal();
  const Deletion deletion{
      .origin = {kNoon, "test"}, .scope = kPurgedHall, .from = kNoon, .to = kNoon + kTick, .purge = true};
  for (std::size_t i = 0; i < limits::kPurgesWaitingMax; ++i) {
    EXPECT_LT(way.pipeline().figures().purges_waiting, limits::kPurgesWaitingMax);
    ASSERT_TRUE(way.stores().history().purges().note({Position(i + 1), kNoon, kNoon + kTick}));
  }
  DeletionTold one_more;
  way.pipeline().deletion_path().remove(deletion, one_more);
  EXPECT_EQ(one_more.wait().error().code, ErrorCode::overloaded);
  EXPECT_TRUE(way.remove(kPurgedHall, kNoon, kNoon + kTick)) << "without a purge";
}

}  // namespace
}  // namespace temperature::pipeline
