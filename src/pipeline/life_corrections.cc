#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "pipeline/life.h"

// Corrections in a random life.
namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

}  // namespace

// Readings as others come, some of those that are there with other values, or all of a room's in a stretch, as somebody
// does it whose logger was in Fahrenheit; sometimes a place twice.
std::vector<NamedReading> Life::random_correction() {
  std::vector<NamedReading> batch;
  if (chance(2)) batch = random_batch();
  for (std::int64_t i = recent_.empty() ? 0 : below(20); i > 0; --i) {
    batch.push_back(recent_[static_cast<std::size_t>(below(static_cast<std::int64_t>(recent_.size())))]);
    if (!chance(4)) batch.back().value = random_value();
  }
  const auto room = all_.rooms().find({"main", fmt::format("room/{}", below(rooms_))});
  if (room != all_.rooms().end() && chance(2)) {
    const std::string quantity = chance(4) ? "co2" : "temperature";
    const auto found = room->second.find(quantity);
    const Timestamp from = random_moment();
    const Timestamp to = from + (chance(2) ? Duration(hours(30)) : Duration(milliseconds(below(5'000))));
    if (found != room->second.end()) {
      for (auto at = found->second.lower_bound({from, ""}); at != found->second.end() && at->first.first < to; ++at) {
        if (batch.size() > 400) break;
        if (chance(10)) continue;
        batch.push_back({room->first.first, room->first.second, at->first.second, quantity, at->first.first,
                         std::max((at->second - 32) * 5 / 9, -200.0)});
      }
    }
  }
  if (batch.empty()) batch = random_batch();
  if (chance(4)) {
    batch.push_back(batch[static_cast<std::size_t>(below(static_cast<std::int64_t>(batch.size())))]);
    if (chance(2)) batch.back().value = random_value();
  }
  return batch;
}

void Life::expect_corrected(const std::vector<NamedReading>& batch, const WriteOutcome& outcome) {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t replaced = 0;
  std::uint64_t rejected = 0;
  using Place = std::tuple<std::string, std::string, std::string, std::string, Timestamp>;
  std::map<Place, const NamedReading*> last;
  for (const NamedReading& reading : batch) {
    if (inadmissible(reading)) {
      ++rejected;
      continue;
    }
    const Place place(reading.building, reading.room, reading.sensor, reading.quantity, reading.timestamp);
    duplicates += last.contains(place) ? 1 : 0;
    last[place] = &reading;
  }
  for (const auto& [place, reading] : last) {
    const auto corrected = all_.replace(*reading);
    accepted += corrected == BruteForce::Corrected::fresh ? 1 : 0;
    duplicates += corrected == BruteForce::Corrected::duplicate ? 1 : 0;
    replaced += corrected == BruteForce::Corrected::replaced ? 1 : 0;
  }
  ASSERT_EQ(outcome.rejected, rejected);
  ASSERT_EQ(outcome.accepted, accepted);
  ASSERT_EQ(outcome.duplicates, duplicates);
  ASSERT_EQ(outcome.replaced, replaced);
  if (replaced > 0) removed_.emplace(outcome.position, replaced);
  ASSERT_EQ(outcome.conflicts, 0U);
}

void Life::replace() {
  const auto batch = random_correction();
  const auto outcome = way_.replace(batch);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  expect_corrected(batch, *outcome);
  if (::testing::Test::HasFatalFailure()) return;
  check_room(batch.front().building, batch.front().room);
}

// Writers, correctors and somebody who deletes, at once: the order is the journal's.
void Life::replace_among_writes() {
  std::vector<std::pair<bool, std::vector<NamedReading>>> batches(static_cast<std::size_t>(2 + below(5)));
  for (auto& [corrects, batch] : batches) {
    corrects = chance(2);
    batch = corrects ? random_correction() : random_batch();
    std::erase_if(batch, [this](const NamedReading& reading) { return inadmissible(reading); });
    NamedReading witness = random_reading();
    witness.timestamp = now();
    witness.value = 20;
    batch.push_back(witness);
  }
  const Removal removal = random_removal();
  std::vector<Told> told(batches.size());
  DeletionTold told_removed;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const auto& [corrects, batch] = batches[i];
    way_.pipeline().write_path().write(parsed(batch), "test", told[i], nullptr,
                                       corrects ? std::optional<std::string>("") : std::nullopt);
    if (i == 1) way_.pipeline().deletion_path().remove(deletion_of(removal), told_removed);
  }
  std::map<Position, std::pair<std::size_t, WriteOutcome>> by_position;
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto outcome = told[i].wait();
    ASSERT_TRUE(outcome) << outcome.error().detail;
    by_position.emplace(outcome->position, std::pair(i, std::move(*outcome)));
  }
  ASSERT_EQ(by_position.size(), batches.size());
  const auto removed = told_removed.wait();
  ASSERT_TRUE(removed) << removed.error().detail;
  bool is_removed = false;
  for (const auto& [position, write] : by_position) {
    if (!is_removed && removed->position < position) {
      is_removed = true;
      expect_removed(removal, *removed);
    }
    const auto& [corrects, batch] = batches[write.first];
    corrects ? expect_corrected(batch, write.second) : expect_outcome(batch, write.second);
    if (::testing::Test::HasFatalFailure()) return;
  }
  if (!is_removed) expect_removed(removal, *removed);
}

// The process ends while a correction is on its way to the disk: it is in force whole or not at all.
void Life::replace_and_crash() {
  auto batch = random_correction();
  std::erase_if(batch, [this](const NamedReading& reading) { return inadmissible(reading); });
  NamedReading witness = random_reading();
  witness.timestamp = now();  // still there after the restart
  witness.sensor = fmt::format("witness {}", operation_);
  witness.value = 20;
  batch.push_back(witness);
  way_.stores().tear_next_write(static_cast<int>(below(5)));
  const auto outcome = way_.replace(batch);
  restart(/*crash=*/true);
  if (::testing::Test::HasFatalFailure()) return;
  answer::ReadingsQuery query;
  query.building = witness.building;
  query.room = witness.room;
  query.sensor = witness.sensor;
  query.quantity = witness.quantity;
  const auto page = way_.reads().readings(query);
  const bool stored = page && !page->rows.empty();
  if (outcome) ASSERT_TRUE(stored) << "it was acknowledged";
  if (stored) {
    for (const NamedReading& reading : batch) all_.replace(reading);
    all_.forget(retention_, now());
  }
  check_all();
}

}  // namespace temperature::pipeline
