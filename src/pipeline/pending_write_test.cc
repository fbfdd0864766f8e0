#include "pipeline/pending_write.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "base/time.h"
#include "catalogue/catalogue.h"

namespace temperature::pipeline {
namespace {

constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);

class Sender final : public WriteListener {
 public:
  void written(Result<WriteOutcome> outcome) override { told.push_back(std::move(outcome)); }
  std::vector<Result<WriteOutcome>> told;
};

class PendingWriteTest : public ::testing::Test {
 protected:
  // Begins a write of so many readings, the last of them refused if it is told so.
  PendingWrite& begin(std::size_t readings, bool with_rejected = false) {
    ingest::Parsed parsed;
    for (std::uint32_t i = 0; i < readings; ++i) {
      ingest::RawReading raw;
      raw.room = "hall";
      raw.sensor = "a";
      raw.timestamp_ms = to_ms(kNoon) - i;
      raw.value = i;
      raw.index = i;
      parsed.readings.push_back(raw);
    }
    if (with_rejected) parsed.readings.back().sensor = "";
    PendingWrites::Taken write = writes.take();
    auto admission = acceptor.accept(parsed, "test", kNoon, nullptr, write->release());
    write->begin(std::move(admission), {}, sender);
    return *write.release();
  }

  catalogue::Catalogue catalogue{10};
  accept::Acceptor acceptor{{}, catalogue};
  PendingWrites writes;
  Sender sender;
};

TEST_F(PendingWriteTest, begins_anew_in_the_memory_of_one_that_is_over) {
  PendingWrite& first = begin(3, /*with_rejected=*/true);
  first.applied.fresh = 2;
  const double* const place = first.batch().readings().values.data();
  first.finished(Position(7));

  PendingWrite& second = begin(2);
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(second.batch().readings().values.data(), place);
  EXPECT_EQ(second.batch().readings().size(), 2U);
  second.applied.clear();
  second.applied.conflicts = 1;
  second.applied.contradictions.push_back({1, 20.5});
  second.finished(Position(8));
  name_conflicts(catalogue, *sender.told[1]);

  ASSERT_EQ(sender.told.size(), 2U);
  EXPECT_EQ(sender.told[0]->accepted, 2U);
  EXPECT_EQ(sender.told[0]->rejected, 1U);
  EXPECT_EQ(sender.told[0]->rejected_details.size(), 1U);
  EXPECT_EQ(sender.told[0]->position, Position(7));
  EXPECT_EQ(sender.told[1]->accepted, 0U);
  EXPECT_EQ(sender.told[1]->rejected, 0U) << "nothing of the first write is left";
  EXPECT_TRUE(sender.told[1]->rejected_details.empty());
  ASSERT_EQ(sender.told[1]->conflict_details.size(), 1U);
  EXPECT_EQ(sender.told[1]->conflict_details[0].index, 1U);
  EXPECT_EQ(sender.told[1]->conflict_details[0].refused, 1.0);
  EXPECT_EQ(sender.told[1]->conflict_details[0].series, (SeriesKey{"default", "hall", "a", "temperature"}));
  EXPECT_EQ(sender.told[1]->conflict_details[0].timestamp, kNoon - Duration(1));
}

TEST_F(PendingWriteTest, tells_why_it_failed) {
  begin(1).finished(failure(ErrorCode::journal_failed, "the disk is gone"));
  ASSERT_EQ(sender.told.size(), 1U);
  EXPECT_EQ(sender.told[0].error().code, ErrorCode::journal_failed);
}

TEST_F(PendingWriteTest, counts_the_conflicts_that_it_does_not_list_by_series) {
  PendingWrite& write = begin(2);
  const SeriesId series = write.batch().readings().series[0];
  write.applied.conflicts = 3;
  write.applied.contradicted = {series, series, series};
  write.finished(Position(1));
  ASSERT_EQ(sender.told[0]->contradicted.size(), 3U) << "what can wait is left to who words the answer";
  name_conflicts(catalogue, *sender.told[0]);
  EXPECT_TRUE(sender.told[0]->contradicted.empty());
  ASSERT_EQ(sender.told[0]->conflicts_unlisted.size(), 1U);
  EXPECT_EQ(sender.told[0]->conflicts_unlisted[0].series.sensor, "a");
  EXPECT_EQ(sender.told[0]->conflicts_unlisted[0].count, 3U);
  PendingWrite& next = begin(1);
  next.finished(Position(2));
  EXPECT_TRUE(sender.told[1]->conflicts_unlisted.empty());
}

TEST_F(PendingWriteTest, counts_the_refusals_that_it_does_not_list_by_reason) {
  ingest::Parsed parsed;
  for (std::uint32_t i = 0; i < limits::kDetailsListedMax + 5; ++i) {
    ingest::RawReading& raw = parsed.readings.emplace_back();
    raw.room = "hall";
    raw.timestamp_ms = to_ms(kNoon);
    raw.index = i;
  }
  const auto admission = acceptor.accept(parsed, "test", kNoon, nullptr);
  const auto unlisted = rejected_unlisted(admission);
  ASSERT_EQ(unlisted.size(), 1U);
  EXPECT_EQ(unlisted[0].code, ErrorCode::id_invalid);
  EXPECT_EQ(unlisted[0].count, 5U);
  EXPECT_EQ(admission.rejected[0].names.room, "hall");
  EXPECT_EQ(admission.rejected[0].names.building, "default");
}

TEST_F(PendingWriteTest, takes_back_one_that_was_never_begun) {
  const PendingWrite* first = nullptr;
  {
    const auto taken = writes.take();
    first = taken.get();
  }
  EXPECT_EQ(writes.take().get(), first);
}

TEST_F(PendingWriteTest, keeps_the_memory_of_no_large_write) {
  begin(limits::kPendingWriteBytesKept / sizeof(double)).finished(Position(1));
  EXPECT_EQ(writes.take()->release().readings.bytes(), 0U);
  ASSERT_EQ(sender.told.size(), 1U);
  EXPECT_NE(sender.told[0]->memory, nullptr) << "given back by who words the answer, not on the journal's thread";
  begin(1).finished(Position(2));
  EXPECT_EQ(sender.told[1]->memory, nullptr);
}

TEST_F(PendingWriteTest, keeps_so_many_and_no_more) {
  const std::size_t more = limits::kPendingWritesKept + 1;
  std::vector<PendingWrite*> begun;
  for (std::size_t i = 0; i < more; ++i) begun.push_back(&begin(1));
  for (PendingWrite* write : begun) write->finished(Position(1));
  std::vector<PendingWrites::Taken> taken;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < more; ++i) {
    taken.push_back(writes.take());
    kept += taken.back()->release().readings.bytes() > 0 ? 1 : 0;
  }
  EXPECT_EQ(kept, limits::kPendingWritesKept);
}

TEST_F(PendingWriteTest, may_be_finished_on_another_thread_while_others_begin) {
  constexpr int kRounds = 2'000;
  std::mutex mutex;
  std::vector<PendingWrite*> begun;
  std::thread journal([&] {
    for (int finished = 0; finished < kRounds;) {
      std::vector<PendingWrite*> group;
      {
        const std::lock_guard lock(mutex);
        group.swap(begun);
      }
      for (PendingWrite* write : group) write->finished(Position(1));
      finished += static_cast<int>(group.size());
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    PendingWrite& write = begin(1 + static_cast<std::size_t>(i) % 5);
    const std::lock_guard lock(mutex);
    begun.push_back(&write);
  }
  journal.join();
  EXPECT_EQ(sender.told.size(), std::size_t{kRounds});
}

}  // namespace
}  // namespace temperature::pipeline
