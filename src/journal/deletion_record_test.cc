#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/record.h"
#include "journal/rocks_options.h"
#include "journal/shelf.h"
#include "journal/verify.h"
#include "rocks/stored_for_test.h"
#include "testing/comes_true.h"

// Deletions and corrections in the journal, and what is said of records of kinds that this program does not know.
namespace temperature::journal {
namespace {

// A deletion whose sender waits for the outcome.
class DeletionForTest final : public Submission {
 public:
  using Submission::Submission;
  void finished(Result<Position> outcome) override { promise_.set_value(std::move(outcome)); }
  Result<Position> wait() { return promise_.get_future().get(); }

 private:
  std::promise<Result<Position>> promise_;
};

Deletion of_kitchen() {
  return {.origin = {kNoon, "curator"},
          .scope = {.building = "main", .room = "kitchen", .sensor = "sensor 1", .quantity = std::nullopt},
          .from = kNoon,
          .to = kNoon + Duration(5),
          .reason = "a logger in °F",
          .purge = false};
}

void expect_equal(const Deletion& a, const Deletion& b) {
  EXPECT_EQ(a.origin.received, b.origin.received);
  EXPECT_EQ(a.origin.sender, b.origin.sender);
  EXPECT_EQ(a.scope, b.scope);
  EXPECT_EQ(a.from, b.from);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.purge, b.purge);
}

template <class Shelf>
class DeletionRecord : public ::testing::Test {
 protected:
  Shelf shelf;
};
using Shelves = ::testing::Types<MemoryShelf, RocksShelf>;
TYPED_TEST_SUITE(DeletionRecord, Shelves, );

TYPED_TEST(DeletionRecord, is_delivered_in_its_place_and_again_after_a_restart) {
  Deletion all = of_kitchen();
  all.scope.sensor.reset();
  all.scope.quantity = "temperature";
  all.purge = true;
  std::vector<Told> written;
  {
    ProgramRun run(this->shelf);
    ASSERT_TRUE(run.recovery);
    ASSERT_EQ(run.write(run.house.batch(1)), Position(2));
    DeletionForTest first(of_kitchen());
    run.journal().append(first);
    ASSERT_EQ(first.wait(), Position(3));
    DeletionForTest second(all);
    run.journal().append(second);
    ASSERT_EQ(second.wait(), Position(4));
    ASSERT_EQ(run.write(run.house.batch(2)), Position(5));
    ASSERT_EQ(run.witness.deletions.size(), 2U);
    expect_equal(run.witness.deletions[0], of_kitchen());
    written = run.witness.batches();
  }
  ProgramRun again(this->shelf);
  ASSERT_TRUE(again.recovery) << again.recovery.error().detail;
  EXPECT_EQ(again.recovery->last, Position(5));
  EXPECT_EQ(again.witness.batches(), written);
  ASSERT_EQ(again.witness.deletions.size(), 2U);
  expect_equal(again.witness.deletions[0], of_kitchen());
  expect_equal(again.witness.deletions[1], all);
}

TYPED_TEST(DeletionRecord, is_told_from_a_correction_which_is_delivered_with_its_readings) {
  std::vector<Told> written;
  const std::vector<std::pair<Position, std::string>> corrections{{Position(3), "a logger in °F"}, {Position(6), ""}};
  {
    ProgramRun run(this->shelf);
    ASSERT_TRUE(run.recovery);
    ASSERT_EQ(run.write(run.house.batch(1)), Position(2));
    Letter first(run.house.batch(1), "a logger in °F");
    run.journal().append(first);
    ASSERT_EQ(first.wait(), Position(3));
    ASSERT_EQ(run.write(run.house.batch(2)), Position(4));
    Letter second(run.house.batch(3, 5, 40), "");  // of sensors that nobody had heard of
    run.journal().append(second);
    ASSERT_EQ(second.wait(), Position(6)) << "their definitions stand before it";
    EXPECT_EQ(run.witness.corrections, corrections);
    written = run.witness.batches();
    EXPECT_EQ(written.at(1), first.says());
    EXPECT_EQ(written.at(3), second.says());
    Record record;
    ASSERT_TRUE(run.journal().read(Position(2), Position(3), [&](const Record& each) {
      record = each;
      return true;
    }));
    EXPECT_EQ(record.kind, RecordKind::correction);
    EXPECT_EQ(record.reason, "a logger in °F");
    EXPECT_EQ(told(record.origin, record.readings), first.says());
  }
  ProgramRun again(this->shelf);
  ASSERT_TRUE(again.recovery) << again.recovery.error().detail;
  EXPECT_EQ(again.recovery->last, Position(6));
  EXPECT_EQ(again.witness.batches(), written);
  EXPECT_EQ(again.witness.corrections, corrections);
}

// A record as a later program may write it.
std::string of_later(std::uint8_t kind, std::uint8_t version, std::uint8_t bits) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(kind);
  out.fixed(to_ms(kNoon));
  out.text("curator");
  out.fixed(version);
  out.fixed(bits);
  out.text("temperature-service 9.1");
  out.text("whatever stands in it");
  return bytes;
}

// What a start says of a journal whose third record is this one; empty: nothing.
std::string refusal_of(const std::string& record, std::size_t* passed_over = nullptr) {
  MemoryJournal::Contents contents;
  {
    House house;
    Witness witness(house.catalogue);
    MemoryJournal journal(house.catalogue);
    EXPECT_TRUE(journal.start(Position(), witness));
    Letter letter(house.batch(1));
    journal.append(letter);
    EXPECT_TRUE(letter.wait());
    contents = journal.contents();
  }
  contents.records.push_back(record);
  House house;
  Witness witness(house.catalogue);
  MemoryJournal journal(house.catalogue, contents);
  const auto recovery = journal.start(Position(), witness);
  if (passed_over != nullptr) *passed_over = witness.passed_over;
  if (!recovery) return recovery.error().detail;
  Letter letter(house.batch(2));
  journal.append(letter);
  EXPECT_EQ(letter.wait(), Position(4)) << "it has its position";
  return {};
}

TEST(RecordOfLater, refuses_the_start_and_names_what_wrote_it) {
  for (const auto& [kind, version] : {std::pair(7, 1), std::pair(3, 2), std::pair(4, 2)}) {
    const std::string said =
        refusal_of(of_later(static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(version), 0));
    EXPECT_NE(said.find("record 3 is of kind " + std::to_string(kind) + ", version " + std::to_string(version)),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("temperature-service 9.1 wrote it"), std::string::npos) << said;
  }
}

TEST(RecordOfLater, is_passed_over_when_it_says_that_it_may_be) {
  for (const auto& [kind, version] : {std::pair(7, 1), std::pair(3, 2), std::pair(4, 2)}) {
    std::size_t passed_over = 0;
    EXPECT_EQ(
        refusal_of(of_later(static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(version), 1), &passed_over), "");
    EXPECT_EQ(passed_over, 1U);
  }
}

TEST(RecordOfLater, of_kind_0_or_cut_is_damage) {
  EXPECT_NE(refusal_of(of_later(0, 1, 1)).find("kind 0"), std::string::npos);
  EXPECT_NE(refusal_of(of_later(7, 1, 1).substr(0, 20)), "");
}

// Writes a deletion behind what there is, past everything that a journal does.
void put_deletion(const std::filesystem::path& folder, Position position, bool damaged) {
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), folder.string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string record = encode_deletion(of_kitchen());
  const std::string header = encode_record_header(position, record);
  if (damaged) record[record.size() - 1] = static_cast<char>(record[record.size() - 1] ^ 8);
  ASSERT_TRUE(db->Put({}, key_of(position), encode_group_header(position, 1) + header + record).ok());
}

TEST(DeletionRecordVerified, is_counted_and_named_when_it_is_damaged) {
  for (const bool damaged : {false, true}) {
    RocksShelf shelf;
    {
      ProgramRun run(shelf);
      ASSERT_EQ(run.write(run.house.batch(1)), Position(2));
    }
    put_deletion(shelf.path(), Position(3), damaged);
    catalogue::Catalogue catalogue(1'000);
    std::vector<std::string> findings;
    const auto found = [&](const std::string& what) { findings.push_back(what); };
    const Verified verified = verify(shelf.path(), Position(), catalogue, found, [](const Verified&) {});
    EXPECT_EQ(verified.deletions, damaged ? 0U : 1U);
    ASSERT_EQ(findings.size(), damaged ? 1U : 0U) << (findings.empty() ? "" : findings[0]);
    if (damaged) EXPECT_NE(findings[0].find("record 3 has a wrong checksum"), std::string::npos) << findings[0];
  }
}

// A mark stands where something has to, and says nothing.
TYPED_TEST(DeletionRecord, is_passed_over_where_it_is_a_mark) {
  {
    ProgramRun run(this->shelf);
    DeletionForTest mark(kNoon);
    run.journal().append(mark);
    ASSERT_EQ(mark.wait(), Position(1));
    ASSERT_EQ(run.write(run.house.batch(1)), Position(3));
    EXPECT_EQ(run.witness.passed_over, 1U);
  }
  ProgramRun again(this->shelf);
  ASSERT_TRUE(again.recovery) << again.recovery.error().detail;
  EXPECT_EQ(again.recovery->last, Position(3));
  EXPECT_EQ(again.witness.passed_over, 1U);
}

TEST(JournalPurge, leaves_no_byte_of_what_was_released_in_any_file) {
  RocksShelf shelf;
  ProgramRun run(shelf);
  const auto values = [&shelf] {
    std::vector<double> all;
    for (const rocks::Stored& stored : rocks::everything_stored(shelf.path(), {"default"}, nullptr)) {
      auto group = GroupReader::open(stored.value);
      Record record;
      while (group && !group->done() && group->next(record)) {
        all.insert(all.end(), record.readings.values.begin(), record.readings.values.end());
      }
    }
    std::ranges::sort(all);
    return all;
  };
  ASSERT_EQ(run.write(run.house.batch(1, 1)), Position(2));
  ASSERT_EQ(run.write(run.house.batch(2, 1)), Position(3));
  ASSERT_EQ(run.write(run.house.batch(3, 1)), Position(4));
  EXPECT_EQ(values(), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(run.journal().purge(Position(3)), false) << "it is not released";
  ASSERT_TRUE(run.journal().release(Position(3)));
  EXPECT_EQ(values(), (std::vector<double>{1, 2, 3})) << "releasing leaves bytes";
  ASSERT_TRUE(temperature::testing::comes_true([&] { return run.journal().purge(Position(3)).value(); }));
  EXPECT_EQ(values(), std::vector<double>{3});
  EXPECT_EQ(run.journal().status().released, Position(3));
  ASSERT_TRUE(run.journal().release(Position(4)));
  EXPECT_EQ(run.journal().purge(Position(4)), false) << "the last commit stays";
}

// Any bits that are not known would change what it means.
TEST(RecordOfLater, a_deletion_with_unknown_bits_is_refused) {
  std::string record = encode_deletion(of_kitchen());
  const std::size_t bits = record.find("kitchen") + 7;
  record[bits] = static_cast<char>(record[bits] | 64);
  EXPECT_NE(refusal_of(record).find("cannot be decoded"), std::string::npos);
}

}  // namespace
}  // namespace temperature::journal
