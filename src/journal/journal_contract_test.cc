#include <gtest/gtest.h>

#include <thread>

#include "journal/record.h"
#include "journal/shelf.h"
#include "model/batch_limits.h"
#include "testing/effort.h"

// What every journal owes to those who write to it and to those it delivers to.
namespace temperature::journal {
namespace {

template <class Shelf>
class JournalContract : public ::testing::Test {
 protected:
  Shelf shelf;
};

class Name {
 public:
  template <class Shelf>
  static std::string GetName(int) {
    return std::is_same_v<Shelf, MemoryShelf> ? "MemoryJournal" : "RocksJournal";
  }
};
using Shelves = ::testing::Types<MemoryShelf, RocksShelf>;
TYPED_TEST_SUITE(JournalContract, Shelves, Name);

// The code and the text of a refusal; fails when nothing was refused.
template <class T>
Error refusal(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? Error{ErrorCode::internal, "not refused"} : result.error();
}

TYPED_TEST(JournalContract, begins_empty) {
  ProgramRun run(this->shelf);
  ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
  EXPECT_EQ(run.recovery->last, Position());
  EXPECT_EQ(run.recovery->records, 0U);
  EXPECT_EQ(run.journal().status().last, Position());
  EXPECT_TRUE(run.journal().status().writable);
}

TYPED_TEST(JournalContract, answers_each_batch_with_the_next_position) {
  ProgramRun run(this->shelf);
  // Position 1 is the record that defines the three sensors.
  for (std::uint64_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(run.write(run.house.batch(number)), Position(number + 1));
  }
  EXPECT_EQ(run.journal().status().last, Position(6));
  EXPECT_EQ(run.journal().figures().batches.load(), 5U);
}

TYPED_TEST(JournalContract, delivers_a_batch_with_its_submission_before_it_answers) {
  ProgramRun run(this->shelf);  // its witness asks, at each delivery, whether the batch is durable and unanswered
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto letter = run.send(run.house.batch(number));
    const auto position = letter->wait();
    ASSERT_EQ(run.witness.deliveries.size(), number);
    EXPECT_EQ(run.witness.deliveries.back().submission, letter.get());
    EXPECT_EQ(run.witness.deliveries.back().position, position);
    EXPECT_EQ(run.witness.deliveries.back().batch, letter->says());
  }
}

TYPED_TEST(JournalContract, delivers_all_again_after_a_restart_in_order_and_once) {
  std::vector<Told> written;
  for (std::uint64_t run_number = 0; run_number < 3; ++run_number) {
    ProgramRun run(this->shelf);
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    ASSERT_EQ(run.witness.batches(), written);
    EXPECT_EQ(run.recovery->readings, written.size() * 3);
    EXPECT_EQ(run.recovery->last, run.journal().status().last);
    for (std::uint64_t i = 1; i <= 4; ++i) {
      const auto letter = run.send(run.house.batch(run_number * 10 + i));
      ASSERT_TRUE(letter->wait());
      written.push_back(letter->says());
    }
  }
}

TYPED_TEST(JournalContract, delivers_after_a_restart_what_the_store_does_not_hold) {
  ProgramRun before(this->shelf);
  std::vector<Told> written;
  for (std::uint64_t number = 1; number <= 6; ++number) {
    const auto letter = before.send(before.house.batch(number));
    ASSERT_TRUE(letter->wait());
    written.push_back(letter->says());
  }
  before.close();
  // Batch n stands at position n + 1: behind position 4 there are the batches 4, 5 and 6.
  ProgramRun after(this->shelf, Position(4), before.witness.definitions());
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  EXPECT_EQ(after.witness.batches(), std::vector<Told>(written.begin() + 3, written.end()));
  EXPECT_EQ(after.recovery->records, 3U);
  EXPECT_EQ(after.recovery->last, Position(7));
  EXPECT_EQ(after.write(after.house.batch(7)), Position(8));
}

TYPED_TEST(JournalContract, delivers_definitions_before_the_readings_that_rely_on_them) {
  ProgramRun before(this->shelf);
  ASSERT_TRUE(before.write(before.house.batch(1, 2)));
  ASSERT_TRUE(before.write(before.house.batch(2, 2)));
  ASSERT_TRUE(before.write(before.house.batch(3, 5)));  // three more sensors
  EXPECT_EQ(before.witness.definitions().size(), 5U);
  before.close();
  ProgramRun after(this->shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  EXPECT_EQ(after.witness.definitions(), before.witness.definitions());
  EXPECT_EQ(after.witness.batches(), before.witness.batches());
  EXPECT_EQ(after.house.catalogue.series_count(), 5U);
}

// What a reader of the journal takes, in order: the positions, and the values of their readings.
struct Reread {
  std::vector<Position> positions;
  std::vector<std::vector<double>> values;
  std::size_t definitions = 0;

  TakeRecord take(std::size_t records_wanted = SIZE_MAX) {
    return [this, records_wanted](const Record& record) {
      positions.push_back(record.position);
      if (record.kind == RecordKind::definitions) definitions += record.definitions.size();
      if (record.kind == RecordKind::readings) values.push_back(record.readings.values);
      return positions.size() < records_wanted;
    };
  }
};

TYPED_TEST(JournalContract, hands_out_again_what_is_asked_for) {
  ProgramRun run(this->shelf);
  std::vector<std::vector<double>> written;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    const Accepted batch = run.house.batch(number);
    written.push_back(batch.readings().values);
    ASSERT_TRUE(run.write(run.house.batch(number)));
  }
  Reread all;
  EXPECT_EQ(run.journal().read(Position(), Position(6), all.take()).value(), Position(6));
  EXPECT_EQ(all.positions, (std::vector{Position(1), Position(2), Position(3), Position(4), Position(5), Position(6)}));
  EXPECT_EQ(all.values, written);
  EXPECT_EQ(all.definitions, 3U);
  Reread some;
  EXPECT_EQ(run.journal().read(Position(2), Position(4), some.take()).value(), Position(4));
  EXPECT_EQ(some.positions, (std::vector{Position(3), Position(4)}));
  Reread more_than_there_is;
  EXPECT_EQ(run.journal().read(Position(5), Position(100), more_than_there_is.take()).value(), Position(6));
  Reread none;
  EXPECT_EQ(run.journal().read(Position(6), Position(100), none.take()).value(), Position(6));
  EXPECT_TRUE(none.positions.empty());
  Reread ended_early;
  EXPECT_EQ(run.journal().read(Position(2), Position(6), ended_early.take(1)).value(), Position(3));
}

TYPED_TEST(JournalContract, hands_out_again_after_a_restart) {
  ProgramRun before(this->shelf);
  for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(before.write(before.house.batch(number)));
  before.close();
  ProgramRun after(this->shelf);
  ASSERT_TRUE(after.write(after.house.batch(4)));
  Reread all;
  EXPECT_EQ(after.journal().read(Position(1), Position(5), all.take()).value(), Position(5));
  EXPECT_EQ(all.values.size(), 4U);
}

TYPED_TEST(JournalContract, says_that_what_was_released_is_gone) {
  ProgramRun before(this->shelf);
  for (std::uint64_t number = 1; number <= 5; ++number) ASSERT_TRUE(before.write(before.house.batch(number)));
  before.close();
  this->shelf.lose_beginning(Position(3));
  ProgramRun run(this->shelf, Position(3), before.witness.definitions());
  ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
  Reread gone;
  EXPECT_EQ(run.journal().read(Position(2), Position(6), gone.take()).value(), std::nullopt);
  EXPECT_TRUE(gone.positions.empty());
  Reread there;
  EXPECT_EQ(run.journal().read(Position(3), Position(6), there.take()).value(), Position(6));
}

TYPED_TEST(JournalContract, writes_definitions_again_that_failed_batches_left_behind) {
  ProgramRun run(this->shelf);
  const Accepted never_sent = run.house.batch(1);  // it defined three sensors
  ASSERT_TRUE(run.write(run.house.batch(2)));
  EXPECT_EQ(run.witness.definitions().size(), 3U);
  run.close();
  ProgramRun after(this->shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  EXPECT_EQ(after.witness.batches(), run.witness.batches());
}

TYPED_TEST(JournalContract, keeps_everything_behind_a_release) {
  ProgramRun before(this->shelf);
  for (std::uint64_t number = 1; number <= 6; ++number) ASSERT_TRUE(before.write(before.house.batch(number)));
  ASSERT_TRUE(before.journal().release(Position(4)));
  EXPECT_LE(before.journal().status().released, Position(4));
  ASSERT_TRUE(before.write(before.house.batch(7)));
  before.close();

  ProgramRun after(this->shelf, Position(4), before.witness.definitions());
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  const auto all = before.witness.batches();
  EXPECT_EQ(after.witness.batches(), std::vector<Told>(all.begin() + 3, all.end()));
}

TYPED_TEST(JournalContract, goes_on_where_it_was_when_everything_has_been_released) {
  ProgramRun before(this->shelf);
  for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(before.write(before.house.batch(number)));
  ASSERT_TRUE(before.journal().release(Position(4)));
  before.close();
  for (std::uint64_t number = 4; number <= 6; ++number) {
    ProgramRun after(this->shelf, Position(number), before.witness.definitions());
    ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
    EXPECT_EQ(after.recovery->records, 0U);
    EXPECT_EQ(after.write(after.house.batch(number)), Position(number + 1));
    ASSERT_TRUE(after.journal().release(Position(number + 1)));
  }
}

TYPED_TEST(JournalContract, refuses_to_start_when_the_first_records_are_missing) {
  {
    ProgramRun run(this->shelf);
    for (std::uint64_t number = 1; number <= 4; ++number) ASSERT_TRUE(run.write(run.house.batch(number)));
  }
  this->shelf.lose_beginning(Position(2));
  ProgramRun after(this->shelf);
  const Error error = refusal(after.recovery);
  EXPECT_EQ(error.code, ErrorCode::journal_damaged);
  EXPECT_NE(error.detail.find("records 1 to 2 are missing"), std::string::npos) << error.detail;
  EXPECT_TRUE(after.witness.deliveries.empty());
}

TYPED_TEST(JournalContract, refuses_to_start_when_the_store_knows_more_than_the_journal) {
  {
    ProgramRun run(this->shelf);
    for (std::uint64_t number = 1; number <= 2; ++number) ASSERT_TRUE(run.write(run.house.batch(number)));
  }
  for (const std::uint64_t stored : {4, 400}) {
    ProgramRun after(this->shelf, Position(stored));
    const Error error = refusal(after.recovery);
    EXPECT_EQ(error.code, ErrorCode::journal_damaged);
    EXPECT_NE(error.detail.find("ends at record 3"), std::string::npos) << error.detail;
  }
}

TYPED_TEST(JournalContract, refuses_to_start_empty_beside_a_store_that_was_written) {
  ProgramRun run(this->shelf, Position(7));
  EXPECT_EQ(refusal(run.recovery).code, ErrorCode::journal_damaged);
}

TYPED_TEST(JournalContract, refuses_batches_once_it_is_stopped) {
  ProgramRun run(this->shelf);
  ASSERT_TRUE(run.write(run.house.batch(1)));
  run.journal().stop();
  run.journal().stop();
  EXPECT_EQ(refusal(run.write(run.house.batch(2))).code, ErrorCode::shutting_down);
  EXPECT_FALSE(run.journal().status().writable);
  run.close();
  ProgramRun after(this->shelf);
  EXPECT_EQ(after.witness.batches(), run.witness.batches());
  EXPECT_EQ(after.witness.batches().size(), 1U);
}

TYPED_TEST(JournalContract, takes_no_batch_after_one_that_could_not_be_written) {
  ProgramRun run(this->shelf);
  ASSERT_TRUE(run.write(run.house.batch(1)));
  this->shelf.fail_next_write();
  EXPECT_EQ(refusal(run.write(run.house.batch(2))).code, ErrorCode::journal_failed);
  EXPECT_EQ(refusal(run.write(run.house.batch(3))).code, ErrorCode::journal_failed);
  EXPECT_FALSE(run.journal().status().writable);
  EXPECT_EQ(run.witness.batches().size(), 1U);
  run.close();

  // What was answered is there. The batch that failed may be, whole; the one behind it is not.
  ProgramRun after(this->shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  auto batches = after.witness.batches();
  if (batches.size() == 2) {
    EXPECT_EQ(batches.back().sender, "batch 2");
    batches.pop_back();
  }
  EXPECT_EQ(batches, run.witness.batches());
  EXPECT_TRUE(after.write(after.house.batch(4)));
}

TYPED_TEST(JournalContract, keeps_the_order_of_each_of_many_writers) {
  constexpr std::uint64_t kWriters = 4;
  constexpr std::uint64_t kBatches = 50;
  ProgramRun run(this->shelf);
  std::vector<std::vector<std::pair<Position, Told>>> answered(kWriters);
  {
    std::vector<std::jthread> writers;
    for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&run, &mine = answered[writer], writer] {
        for (std::uint64_t i = 0; i < kBatches; ++i) {
          const auto letter = run.send(run.house.batch(writer * 1000 + i, 1 + i % 3, 10 * writer));
          const auto position = letter->wait();
          ASSERT_TRUE(position);
          EXPECT_TRUE(mine.empty() || *position > mine.back().first);
          mine.emplace_back(*position, letter->says());
        }
      });
    }
  }
  run.close();
  ASSERT_EQ(run.witness.deliveries.size(), kWriters * kBatches);

  ProgramRun after(this->shelf);
  std::map<Position, Told> delivered;
  for (const auto& delivery : after.witness.deliveries) delivered.emplace(delivery.position, delivery.batch);
  EXPECT_EQ(delivered.size(), kWriters * kBatches);
  for (const auto& writer : answered) {
    for (const auto& [position, batch] : writer) EXPECT_EQ(delivered[position], batch);
  }
}

TYPED_TEST(JournalContract, keeps_a_batch_at_the_limit_of_readings) {
  Told written;
  {
    ProgramRun run(this->shelf);
    const std::size_t readings = limits::kReadingsPerBatchMax / (testing::kUnderTsan ? 20 : 1);
    const auto letter = run.send(run.house.batch(1, readings));
    ASSERT_TRUE(letter->wait());
    written = letter->says();
  }
  ProgramRun after(this->shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  EXPECT_EQ(after.witness.batches(), std::vector{written});
}

}  // namespace
}  // namespace temperature::journal
