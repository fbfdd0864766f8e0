#include <gtest/gtest.h>

#include <vector>

#include "audit/chain.h"
#include "pipeline/way_under_test.h"

// What the audit says of deletions, and that its counts are right whatever happens on the way.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Scope kAuditedHall{.building = "main", .room = "hall"};
const JournalId kAuditedJournal = *JournalId::parse("0f0e0d0c-0b0a-4908-8706-050403020100");

PipelineOptions audited() {
  PipelineOptions options;
  options.journal_id = kAuditedJournal;
  options.flush_retry = hours(1);  // flushes come when they are told to
  return options;
}

// The audit's entries, whose chain has to fit.
std::vector<audit::Entry> audit_of(WayUnderTest& way) {
  const history::History& history = way.stores().history();
  std::vector<audit::Entry> entries;
  audit::ChainCheck chain;
  const auto expect_fits = [](const std::optional<std::string>& trouble) { EXPECT_FALSE(trouble) << *trouble; };
  EXPECT_TRUE(history.read_audit(Position(), [&](Position position, std::string_view bytes) {
    expect_fits(chain.take(position, bytes));
    const auto link = audit::decode(bytes);
    EXPECT_TRUE(link);
    if (link) entries.push_back(link->entry);
    return true;
  }));
  expect_fits(chain.finish(history.audit_head()));
  return entries;
}

class AuditOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, AuditOnBoth, ::testing::Bool(), store_name);

TEST_P(AuditOnBoth, says_who_deleted_what_and_why) {
  WayUnderTest way(stores(), audited());
  way.start();
  EXPECT_TRUE(audit_of(way).empty());
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20), degrees("hall", "b", kNoon, 21)})->accepted, 2U);
  Deletion deletion{.origin = {kNoon, "keeper"},
                    .scope = {.building = "main", .room = "hall", .sensor = "a", .quantity = "temperature"},
                    .from = kNoon,
                    .to = kNoon + minutes(1),
                    .reason = "a loose wire",
                    .purge = true};
  DeletionTold told;
  way.pipeline().deletion_path().remove(deletion, told);
  const auto first = told.wait();
  ASSERT_TRUE(first);
  const auto second = way.remove(kAuditedHall, kNoon, kNoon + minutes(1));
  ASSERT_TRUE(second);
  for (int start = 0; start < 2; ++start) {
    const auto entries = audit_of(way);
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0], (audit::Entry{.position = first->position,
                                        .journal = kAuditedJournal,
                                        .kind = audit::Kind::deletion,
                                        .received = kNoon,
                                        .who = "keeper",
                                        .building = "main",
                                        .room = "hall",
                                        .sensor = "a",
                                        .quantity = "temperature",
                                        .from = kNoon,
                                        .to = kNoon + minutes(1),
                                        .reason = "a loose wire",
                                        .purge = true,
                                        .count = 1}));
    EXPECT_EQ(entries[1].position, second->position);
    EXPECT_EQ(entries[1].sensor, std::nullopt);
    EXPECT_EQ(entries[1].count, 1U);
    way.close();
    way.start();
  }
}

// What a crash leaves of a deletion of three sensors: `erasures` of them are written, and nothing is committed. One
// sensor's reading is in the history, one's is not, one has both.
struct AuditedCrash {
  explicit AuditedCrash(std::unique_ptr<Stores> stores) : way(std::move(stores), audited()) {}

  std::optional<std::uint64_t> count_after(int erasures) {
    way.start();
    EXPECT_EQ(
        way.write({degrees("hall", "a", kNoon - hours(5), 1), degrees("hall", "b", kNoon - hours(5), 2)})->accepted,
        2U);
    EXPECT_TRUE(way.pipeline().flush());
    EXPECT_EQ(way.write({degrees("hall", "b", kNoon, 3), degrees("hall", "c", kNoon, 4),
                         degrees("hall", "c", kNoon + seconds(1), 5)})
                  ->accepted,
              3U);
    way.stores().history().fail_commits(1'000'000);
    way.stores().history().fail_erasures_after(erasures);
    const auto deleted = way.remove(kAuditedHall, kNoon - hours(6), kNoon + minutes(1));
    EXPECT_TRUE(deleted && !deleted->deleted) << "nobody knows yet how many";
    if (then) then(way);
    way.crash();
    way.start();
    EXPECT_TRUE(way.pipeline().flush());
    const auto entries = audit_of(way);
    if (entries.size() != 1) return std::nullopt;
    EXPECT_EQ(entries[0].position, deleted->position);
    return entries[0].count;
  }

  WayUnderTest way;
  std::function<void(WayUnderTest&)> then;  // before the crash
};

TEST_P(AuditOnBoth, counts_the_same_wherever_a_crash_comes) {
  for (const int erasures : {0, 1, 2, 3}) {
    EXPECT_EQ(AuditedCrash(stores()).count_after(erasures), 5U) << "after " << erasures << " of three sensors";
  }
}

// The history has what was sent afterwards, which the deletion takes once more when it is delivered again.
TEST_P(AuditOnBoth, counts_nothing_that_came_later) {
  AuditedCrash crash(stores());
  crash.then = [](WayUnderTest& way) {
    EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 30), degrees("hall", "d", kNoon, 31)})->accepted, 2U);
    EXPECT_FALSE(way.pipeline().flush());  // written, and not committed
  };
  EXPECT_EQ(crash.count_after(1'000), 5U);
  EXPECT_EQ(crash.way.reads().readings(all_of_hall())->rows.size(), 2U);
}

// A sensor that nobody knew when nothing was deleted. Its definition is stored before the deletion is in the audit.
TEST_P(AuditOnBoth, counts_nothing_where_there_was_nothing) {
  WayUnderTest way(stores(), audited());
  way.start();
  ASSERT_EQ(way.write({degrees("attic", "a", kNoon, 20)})->accepted, 1U);
  DeletionTold told;
  bool begun = false;
  way.stores().history().at_erasures([&] {
    if (std::exchange(begun, true)) return;
    way.pipeline().deletion_path().remove(
        {.origin = {kNoon, "test"}, .scope = kAuditedHall, .from = kNoon, .to = kNoon + minutes(1)}, told);
    EXPECT_EQ(way.write({degrees("hall", "a", kNoon, 30)})->accepted, 1U);
  });
  way.stores().history().fail_commits_but_next(1'000'000);
  ASSERT_TRUE(way.remove({.building = "main", .room = "attic"}, kNoon, kNoon + minutes(1)));
  const auto deleted = told.wait();
  ASSERT_TRUE(deleted && !deleted->deleted);
  way.stores().history().at_erasures({});
  way.crash();
  way.start();
  ASSERT_TRUE(way.pipeline().flush());
  const auto entries = audit_of(way);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].position, deleted->position);
  EXPECT_EQ(entries[1].count, 0U);
  EXPECT_EQ(way.reads().readings(all_of_hall())->rows.size(), 1U);
}

// A judgement that is delivered again, its entry being committed and its position not.
TEST_P(AuditOnBoth, is_written_once) {
  WayUnderTest way(stores(), audited());
  way.start();
  ASSERT_EQ(way.write({degrees("hall", "a", kNoon, 20)})->accepted, 1U);
  ASSERT_EQ(way.remove(kAuditedHall, kNoon, kNoon + minutes(1))->deleted, 1U);
  const auto before = audit_of(way);
  history::History& history = way.stores().history();
  audit::Entry again = before.at(0);
  again.count = 99;
  history.note(again);
  ASSERT_TRUE(history.commit(history.safe_position(), history.definitions_stored(), {}));
  EXPECT_EQ(audit_of(way), before);
  way.close();
  way.start();
  way.stores().history().note(again);
  ASSERT_TRUE(way.remove(kAuditedHall, kNoon, kNoon + minutes(1)));
  const auto after = audit_of(way);
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0], before[0]);
}

}  // namespace
}  // namespace temperature::pipeline
