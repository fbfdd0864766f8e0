#include "journal/rocks_journal.h"

#include <gtest/gtest.h>

#include <ranges>

#include "base/sizes.h"
#include "journal/record.h"
#include "journal/shelf.h"

namespace temperature::journal {
namespace {

using Operation = testing::PowerCutEnv::Operation;

class RocksJournalTest : public ::testing::Test {
 protected:
  // Batches `first` to `last`, one group each.
  void write(ProgramRun<RocksShelf>& run, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) ASSERT_TRUE(run.write(run.house.batch(number)));
  }
  // Batches `first` to `last`: one group, behind a group that has the batch before them.
  void write_group(ProgramRun<RocksShelf>& run, std::uint64_t first, std::uint64_t last) {
    const auto gate = std::make_shared<Witness::Gate>();
    run.witness.stand_at(gate);
    std::vector<std::unique_ptr<Letter>> letters;
    letters.push_back(run.send(run.house.batch(first - 1)));
    gate->wait_until_reached();
    for (std::uint64_t number = first; number <= last; ++number) letters.push_back(run.send(run.house.batch(number)));
    gate->let_pass();
    for (const auto& letter : letters) ASSERT_TRUE(letter->wait());
  }
  // Moves what is in the log into a file of its own, where it can be released.
  void settle() {
    shelf.change([](rocksdb::DB& db) { ASSERT_TRUE(db.CompactRange({}, nullptr, nullptr).ok()); });
  }
  std::string refused(Position after = Position()) {
    ProgramRun run(shelf, after);
    if (run.recovery) return "not refused";
    EXPECT_EQ(run.recovery.error().code, ErrorCode::journal_damaged);
    return run.recovery.error().detail;
  }

  RocksShelf shelf;
};

TEST_F(RocksJournalTest, syncs_once_for_all_the_batches_that_wait) {
  ProgramRun run(shelf);
  write_group(run, 2, 40);
  EXPECT_EQ(run.journal().figures().groups.load(), 2U);
  EXPECT_EQ(run.journal().figures().batches.load(), 40U);
  EXPECT_EQ(run.journal().figures().sync_ns.snapshot().count, 2U);
}

TEST_F(RocksJournalTest, answers_a_batch_that_comes_alone_after_a_group) {
  ProgramRun run(shelf);
  write_group(run, 2, 40);
  const Position last = run.journal().status().last;
  EXPECT_EQ(run.write(run.house.batch(41)).value(), next(last));
  EXPECT_EQ(run.write(run.house.batch(42)).value(), next(next(last)));
}

TEST_F(RocksJournalTest, refuses_batches_when_its_queue_is_full_and_takes_them_again_later) {
  shelf.queue_bytes_max = 10'000;
  ProgramRun run(shelf);
  const auto gate = std::make_shared<Witness::Gate>();
  run.witness.stand_at(gate);
  const auto first = run.send(run.house.batch(0));
  gate->wait_until_reached();
  // A hundred readings of 8 bytes of value and 2 of deltas, and some 25 bytes before them: nine fit.
  std::vector<std::unique_ptr<Letter>> letters;
  for (std::uint64_t number = 1; number <= 10; ++number) letters.push_back(run.send(run.house.batch(number, 100)));
  ASSERT_TRUE(letters.back()->is_finished());
  ASSERT_FALSE(letters.back()->wait());
  EXPECT_EQ(letters.back()->wait().error().code, ErrorCode::overloaded);
  letters.pop_back();
  EXPECT_GT(run.journal().status().queue_bytes, 9'000U);
  gate->let_pass();
  for (const auto& letter : letters) EXPECT_TRUE(letter->wait());
  EXPECT_TRUE(run.write(run.house.batch(11, 100)));
  EXPECT_EQ(run.journal().status().queue_bytes, 0U);
  run.close();
  EXPECT_EQ(run.witness.deliveries.size(), 11U);
}

TEST_F(RocksJournalTest, takes_a_single_batch_that_is_larger_than_its_queue) {
  shelf.queue_bytes_max = 100;
  ProgramRun run(shelf);
  EXPECT_TRUE(run.write(run.house.batch(1, 500)));
}

TEST_F(RocksJournalTest, finishes_what_waits_when_it_is_stopped) {
  ProgramRun run(shelf);
  const auto gate = std::make_shared<Witness::Gate>();
  run.witness.stand_at(gate);
  std::vector<std::unique_ptr<Letter>> letters;
  for (std::uint64_t number = 1; number <= 5; ++number) letters.push_back(run.send(run.house.batch(number)));
  gate->let_pass();
  run.journal().stop();
  for (const auto& letter : letters) {
    ASSERT_TRUE(letter->is_finished());
    EXPECT_TRUE(letter->wait());
  }
}

TEST_F(RocksJournalTest, says_that_the_disk_is_full) {
  ProgramRun run(shelf);
  write(run, 1, 2);
  shelf.env->fail(Operation::write, 1, ".log", rocksdb::Status::NoSpace());
  for (std::uint64_t number = 3; number <= 4; ++number) {
    const auto outcome = run.write(run.house.batch(number));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::disk_full);
    EXPECT_NE(outcome.error().detail.find("the disk is full"), std::string::npos) << outcome.error().detail;
  }
  run.close();
  ProgramRun after(shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  EXPECT_EQ(after.witness.batches(), run.witness.batches());  // half a batch was written, and is gone
}

TEST_F(RocksJournalTest, says_once_that_it_takes_nothing_more) {
  {
    ProgramRun run(shelf);
    write(run, 1, 2);
    EXPECT_TRUE(shelf.closed().empty());
    shelf.fail_next_write();
    for (std::uint64_t number = 3; number <= 5; ++number) EXPECT_FALSE(run.write(run.house.batch(number)));
    run.close();
  }
  ASSERT_EQ(shelf.closed().size(), 1U);
  const Error why = shelf.closed().front();
  EXPECT_EQ(why.code, ErrorCode::journal_failed);
  EXPECT_TRUE(why.detail.contains("told to fail")) << why.detail;
}

// What RocksDB does in the background is nobody's write, and nobody may come to be told of it.
TEST_F(RocksJournalTest, says_that_its_files_cannot_be_written_in_the_background) {
  ProgramRun run(shelf);
  write(run, 1, 2);
  shelf.env->fail(Operation::sync, 1, ".sst", rocksdb::Status::IOError("told to fail"));
  EXPECT_FALSE(static_cast<RocksJournal&>(run.journal()).db().Flush({}).ok());
  ASSERT_EQ(shelf.closed().size(), 1U);
  const Error why = shelf.closed().front();
  EXPECT_EQ(why.code, ErrorCode::journal_failed);
  EXPECT_FALSE(run.journal().status().writable);
  EXPECT_FALSE(run.write(run.house.batch(3)));
  EXPECT_EQ(shelf.closed().size(), 1U);
}

TEST_F(RocksJournalTest, says_nothing_of_a_stop_in_order) {
  ProgramRun run(shelf);
  write(run, 1, 2);
  run.journal().stop();
  EXPECT_FALSE(run.write(run.house.batch(3)));
  run.close();
  EXPECT_TRUE(shelf.closed().empty());
}

TEST_F(RocksJournalTest, lets_files_go_whose_records_are_all_released) {
  std::vector<catalogue::Definition> definitions;
  std::uint64_t number = 1;
  for (const std::uint64_t after : {0, 4, 7}) {  // the first record has the definitions
    ProgramRun run(shelf, Position(after), definitions);
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    write(run, number, number + 2);
    number += 3;
    if (definitions.empty()) definitions = run.witness.definitions();
    run.close();
    settle();
  }
  ASSERT_EQ(shelf.files(".sst").size(), 3U);
  {
    ProgramRun run(shelf, Position(7), definitions);
    ASSERT_TRUE(run.journal().release(Position(6)));
    EXPECT_EQ(run.journal().status().released, Position(4));  // 5 to 7 are in one file
    ASSERT_TRUE(run.journal().release(Position(7)));
    EXPECT_EQ(run.journal().status().released, Position(7));
  }
  EXPECT_EQ(shelf.files(".sst").size(), 1U);
  {
    ProgramRun run(shelf, Position(7), definitions);
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    EXPECT_EQ(run.recovery->records, 3U);
    EXPECT_EQ(run.journal().status().released, Position(7));
  }
  EXPECT_NE(refused().find("records 1 to 7 are missing"), std::string::npos) << refused();
}

TEST_F(RocksJournalTest, keeps_the_rest_of_a_group_that_is_released_in_its_middle) {
  ProgramRun before(shelf);
  write(before, 1, 1);
  write_group(before, 3, 8);  // batch n stands at position n + 1; the group begins at 4
  before.close();
  settle();
  ASSERT_EQ(shelf.files(".sst").size(), 1U);
  for (const std::uint64_t released : {6, 9}) {  // the last group stays, however much may go
    ProgramRun run(shelf, Position(released), before.witness.definitions());
    ASSERT_TRUE(run.recovery) << run.recovery.error().detail;
    ASSERT_TRUE(run.journal().release(Position(released)));
  }
  ProgramRun after(shelf, Position(6), before.witness.definitions());
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  const auto all = before.witness.batches();
  EXPECT_EQ(after.witness.batches(), std::vector<Told>(all.begin() + 5, all.end()));
}

TEST_F(RocksJournalTest, names_the_records_that_are_missing_in_its_middle) {
  {
    ProgramRun run(shelf);
    write(run, 1, 5);
  }
  shelf.change([](rocksdb::DB& db) { ASSERT_TRUE(db.Delete({}, key_of(Position(4))).ok()); });
  EXPECT_NE(refused().find("records 4 to 4 are missing"), std::string::npos) << refused();
}

TEST_F(RocksJournalTest, refuses_groups_that_are_not_what_was_written) {
  {
    ProgramRun run(shelf);
    write(run, 1, 4);
  }
  std::string third;
  std::string fourth;
  shelf.change([&](rocksdb::DB& db) {
    ASSERT_TRUE(db.Get({}, key_of(Position(3)), &third).ok());
    ASSERT_TRUE(db.Get({}, key_of(Position(4)), &fourth).ok());
  });
  const auto with = [&](const std::string& value) {
    shelf.change([&](rocksdb::DB& db) { ASSERT_TRUE(db.Put({}, key_of(Position(4)), value).ok()); });
    return refused();
  };
  const auto one_record = [](const std::string& record) {
    return encode_group_header(Position(4), 1) + encode_record_header(Position(4), record) + record;
  };
  EXPECT_NE(with(third).find("record 3 stands in another's place"), std::string::npos);

  std::string flipped = fourth;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_NE(with(flipped).find("record 4 has a wrong checksum"), std::string::npos);

  std::string newer = fourth;
  newer[0] = 9;
  EXPECT_NE(with(newer).find("version 9"), std::string::npos);

  std::string other = encode_definitions(kNoon, {});
  other[0] = 9;
  EXPECT_NE(with(one_record(other)).find("record 4 is of kind 9"), std::string::npos);

  EXPECT_EQ(with(fourth), "not refused");
}

TEST_F(RocksJournalTest, refuses_readings_of_series_that_were_never_defined) {
  {
    ProgramRun run(shelf);
    write(run, 1, 2);
  }
  shelf.change([](rocksdb::DB& db) {
    const std::string nothing = encode_definitions(kNoon, {});
    ASSERT_TRUE(db.Put({}, key_of(Position(1)),
                       encode_group_header(Position(1), 2) + encode_record_header(Position(1), nothing) + nothing +
                           encode_record_header(Position(2), nothing) + nothing)
                    .ok());
  });
  EXPECT_NE(refused().find("record 3 has readings of series 0, which is defined neither"), std::string::npos)
      << refused();
}

TEST_F(RocksJournalTest, is_opened_by_one_program_at_a_time) {
  ProgramRun run(shelf);
  const auto second = RocksJournal::open({.path = shelf.path(), .env = nullptr, .log = {}}, run.house.catalogue);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::startup) << second.error().detail;
}

TEST_F(RocksJournalTest, keeps_what_was_answered_when_its_files_cannot_be_written_in_the_background) {
  std::vector<Told> answered;
  shelf.write_buffer_bytes = limits::kMiB;  // full after a few batches
  {
    ProgramRun run(shelf);
    shelf.env->fail(Operation::write, 1, ".sst", rocksdb::Status::IOError("told to fail"));
    for (std::uint64_t number = 1; run.journal().status().writable; ++number) {
      ASSERT_LT(number, 100U);
      const auto letter = run.send(run.house.batch(number, 25'000));  // some 250 KB
      if (letter->wait()) answered.push_back(letter->says());
    }
    EXPECT_TRUE(shelf.env->has_failed());
    const auto refused_batch = run.write(run.house.batch(1000));
    ASSERT_FALSE(refused_batch);
    EXPECT_EQ(refused_batch.error().code, ErrorCode::journal_failed);
  }
  const auto logs = shelf.files(".log");
  ASSERT_EQ(logs.size(), 2U);  // the older one's groups are in no other file

  const std::filesystem::path aside = shelf.path().parent_path() / "aside";
  std::filesystem::copy(logs[0], aside);
  std::filesystem::remove(logs[0]);
  EXPECT_NE(refused(), "not refused");
  std::filesystem::copy(aside, logs[0]);
  std::filesystem::resize_file(logs[0], std::filesystem::file_size(logs[0]) / 2);
  EXPECT_NE(refused(), "not refused");
  std::filesystem::remove(logs[0]);
  std::filesystem::copy(aside, logs[0]);

  ProgramRun after(shelf);
  ASSERT_TRUE(after.recovery) << after.recovery.error().detail;
  ASSERT_GE(after.witness.batches().size(), answered.size());
  EXPECT_TRUE(std::ranges::equal(answered, after.witness.batches() | std::views::take(answered.size())));
}

}  // namespace
}  // namespace temperature::journal
