#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "audit/chain.h"
#include "base/time.h"
#include "base/timestamp_limits.h"
#include "pipeline/life.h"

// Deletions in a random life, and readings that are sent again afterwards.
namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;

}  // namespace

// Of a room or a sensor or a quantity of it; of a moment, of the last minutes, of days, of all of time.
Life::Removal Life::random_removal() {
  Removal removal{
      {.building = chance(10) ? "annex" : "main", .room = fmt::format("room/{}", below(rooms_))}, random_moment(), {}};
  if (chance(2)) removal.scope.sensor = fmt::format("s{}", below(sensors_));
  if (chance(3)) removal.scope.quantity = chance(4) ? "co2" : "temperature";
  if (!recent_.empty() && chance(2)) {
    const auto& reading = recent_[static_cast<std::size_t>(below(static_cast<std::int64_t>(recent_.size())))];
    removal.scope.building = reading.building;
    removal.scope.room = reading.room;
    if (removal.scope.sensor) removal.scope.sensor = reading.sensor;
    removal.from = reading.timestamp;
  }
  switch (below(6)) {
    case 0:
      removal.to = removal.from + kTick;
      break;
    case 1:
      removal.to = removal.from + hours(1 + below(40));
      break;
    case 2:
      removal.from -= days(1);
      removal.to = removal.from + days(1 + below(3));
      break;
    case 3:
      if (chance(4)) removal.from = timestamp_from_ms(0);
      removal.to = chance(2) ? now() + hours(1) : removal.from + milliseconds(1 + below(20'000));
      break;
    default:
      removal.to = removal.from + milliseconds(1 + below(5'000));
  }
  removal.to = std::max({removal.to, removal.from + kTick, limits::kTimestampFirst + kTick});  // no reading is older
  return removal;
}

void Life::expect_removed(const Removal& removal, const DeletionOutcome& outcome) {
  const std::uint64_t count = all_.remove(removal.scope, removal.from, removal.to);
  if (outcome.position != Position()) removed_.emplace(outcome.position, count);
  if (!outcome.deleted) {
    ASSERT_TRUE(commits_fail_ || flushes_by_itself_) << "what went was not counted";
    return;
  }
  if (retention_ == Retention()) {
    ASSERT_EQ(*outcome.deleted, count);
  } else {
    ASSERT_GE(*outcome.deleted, count) << "what is too old to be seen goes as well";
  }
}

void Life::remove() {
  const Removal removal = random_removal();
  if (chance(4)) {
    BruteForce then = all_;
    const auto counted = way_.pipeline().deletion_path().count(deletion_of(removal));
    ASSERT_TRUE(counted) << counted.error().detail;
    const std::uint64_t visible = then.remove(removal.scope, removal.from, removal.to);
    if (retention_ == Retention()) {
      ASSERT_EQ(*counted, visible);
    } else {
      ASSERT_GE(*counted, visible) << "what is too old to be seen goes as well";
    }
  }
  const auto outcome = way_.remove(removal.scope, removal.from, removal.to);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  expect_removed(removal, *outcome);
  check_room(removal.scope.building, removal.scope.room);
}

// All that a room has, quantity by quantity.
void Life::check_room(const std::string& building, const std::string& room) {
  const auto known = all_.rooms().find({building, room});
  if (known == all_.rooms().end()) {
    const auto asked = way_.reads().average({building, room, std::nullopt, "temperature", limits::kWindowMax, now()});
    ASSERT_FALSE(asked) << building << ' ' << room << " has no readings";
    ASSERT_EQ(asked.error().code, ErrorCode::room_unknown);
    return;
  }
  for (const auto& [quantity, readings] : known->second) {
    answer::ReadingsQuery query;
    query.building = building;
    query.room = room;
    query.quantity = quantity;
    query.limit = readings.size() + 10;
    const auto page = way_.reads().readings(query);
    ASSERT_TRUE(page) << page.error().detail;
    const auto want = all_.readings(query);
    ASSERT_EQ(page->rows.size(), want.size()) << building << ' ' << room << ' ' << quantity;
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_TRUE(want[i] ==
                  (BruteForce::Row{std::string(page->rows[i].sensor), page->rows[i].timestamp, page->rows[i].value}));
    }
    const answer::AverageQuery average{building, room, std::nullopt, quantity, limits::kWindowMax, now()};
    const auto asked = way_.reads().average(average);
    ASSERT_TRUE(asked) << asked.error().detail;
    ASSERT_EQ(all_.check(average, *asked), "");
  }
}

void Life::check_all() {
  for (const auto& [room, quantities] : all_.rooms()) check_room(room.first, room.second);
  ask_lists();
  if (!::testing::Test::HasFatalFailure()) check_counts();
  check_audit();
}

// What was deleted or replaced up to the safe position is in the audit, once, with how many, wherever crashes came.
void Life::check_audit() {
  const history::History& history = way_.stores().history();
  const Position safe = history.safe_position();
  audit::ChainCheck chain;
  std::set<Position> found;
  const auto expect_fits = [](const std::optional<std::string>& trouble) { EXPECT_FALSE(trouble) << *trouble; };
  ASSERT_TRUE(history.read_audit(Position(), [&](Position position, std::string_view bytes) {
    expect_fits(chain.take(position, bytes));
    found.insert(position);
    const auto link = audit::decode(bytes);
    const auto expected = removed_.find(position);
    if (!link || expected == removed_.end()) return true;
    EXPECT_TRUE(link->entry.count) << "at " << position.value();
    if (retention_ == Retention()) EXPECT_EQ(link->entry.count, expected->second) << "at " << position.value();
    return true;
  }));
  for (const auto& [position, count] : removed_) {
    if (position <= safe) EXPECT_TRUE(found.contains(position)) << "at " << position.value();
  }
}

// The places are free: what is sent again, with whatever value, is judged as if nothing had been there.
void Life::send_again() {
  if (recent_.empty()) return;
  std::vector<NamedReading> batch;
  for (std::int64_t i = below(30); i >= 0; --i) {
    batch.push_back(recent_[static_cast<std::size_t>(below(static_cast<std::int64_t>(recent_.size())))]);
    if (chance(2)) batch.back().value = random_value();
  }
  const auto outcome = way_.write(batch);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  expect_outcome(batch, *outcome);
}

// Several writers and several who delete, at once: the order is the journal's.
void Life::remove_among_writes() {
  std::vector<std::vector<NamedReading>> batches(static_cast<std::size_t>(2 + below(4)));
  std::vector<Removal> removals(static_cast<std::size_t>(1 + below(4)));
  for (auto& removal : removals) removal = random_removal();
  for (auto& batch : batches) {
    batch = random_batch();
    std::erase_if(batch, [this](const NamedReading& reading) { return inadmissible(reading); });
    NamedReading witness = random_reading();
    witness.timestamp = now();
    witness.value = 20;
    batch.push_back(witness);
  }
  std::vector<Told> told(batches.size());
  std::vector<DeletionTold> told_removed(removals.size());
  for (std::size_t i = 0; i < std::max(batches.size(), removals.size()); ++i) {
    if (i < batches.size()) way_.pipeline().write_path().write(parsed(batches[i]), "test", told[i]);
    if (i < removals.size()) way_.pipeline().deletion_path().remove(deletion_of(removals[i]), told_removed[i]);
  }
  std::map<Position, std::pair<std::size_t, WriteOutcome>> writes;
  std::map<Position, std::pair<std::size_t, DeletionOutcome>> deletions;
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto outcome = told[i].wait();
    ASSERT_TRUE(outcome) << outcome.error().detail;
    writes.emplace(outcome->position, std::pair(i, std::move(*outcome)));
  }
  for (std::size_t i = 0; i < told_removed.size(); ++i) {
    auto outcome = told_removed[i].wait();
    ASSERT_TRUE(outcome) << outcome.error().detail;
    deletions.emplace(outcome->position, std::pair(i, *outcome));
  }
  ASSERT_EQ(writes.size(), batches.size());
  ASSERT_EQ(deletions.size(), removals.size());
  while (!writes.empty() || !deletions.empty()) {
    if (deletions.empty() || (!writes.empty() && writes.begin()->first < deletions.begin()->first)) {
      expect_outcome(batches[writes.begin()->second.first], writes.begin()->second.second);
      writes.erase(writes.begin());
    } else {
      expect_removed(removals[deletions.begin()->second.first], deletions.begin()->second.second);
      deletions.erase(deletions.begin());
    }
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// The process ends while a deletion is on its way to the disk: it is in force whole or not at all.
void Life::remove_and_crash() {
  Removal removal = random_removal();
  NamedReading witness = random_reading();
  witness.building = removal.scope.building;
  witness.room = removal.scope.room;
  witness.sensor = fmt::format("witness {}", operation_);
  witness.quantity = removal.scope.quantity.value_or("temperature");
  witness.timestamp = now();
  witness.value = 20;
  removal.scope.sensor.reset();
  removal.from = std::min(removal.from, now());
  removal.to = std::max(removal.to, now() + kTick);
  const auto written = way_.write({witness});
  ASSERT_TRUE(written) << written.error().detail;
  expect_outcome({witness}, *written);
  way_.stores().tear_next_write(static_cast<int>(below(5)));
  commits_fail_ = true;
  const auto outcome = way_.remove(removal.scope, removal.from, removal.to);
  restart(/*crash=*/true);
  if (::testing::Test::HasFatalFailure()) return;
  answer::ReadingsQuery query;
  query.building = witness.building;
  query.room = witness.room;
  query.sensor = witness.sensor;
  query.quantity = witness.quantity;
  const auto page = way_.reads().readings(query);
  ASSERT_TRUE(page || page.error().code == ErrorCode::room_unknown) << page.error().detail;
  const bool there = page && !page->rows.empty();
  if (outcome) ASSERT_FALSE(there) << "it was acknowledged";
  if (!there) expect_removed(removal, outcome.value_or(DeletionOutcome{}));
  commits_fail_ = false;
}

}  // namespace temperature::pipeline
