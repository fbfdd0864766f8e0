#include "pipeline/life.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "answer/answer.h"
#include "base/time.h"
#include "base/timestamp_limits.h"
#include "model/batch_limits.h"

namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kRecent = 400;
constexpr int kCheckEvery = 200;  // operations

// Every fourth life forgets.
Retention retention_for(std::uint32_t seed) {
  if (seed % 4 != 3) return Retention();
  Retention retention(days(2));
  retention.keep("co2", hours(5 + seed % 50));
  return retention;
}

// Even seeds flush in the background after few readings, odd ones only when told to.
PipelineOptions options_for(std::uint32_t seed) {
  PipelineOptions options;
  options.unflushed_readings_min = seed % 2 == 0 ? 40 + seed % 7 * 50 : 0;
  options.flush_retry = milliseconds(1);
  if (seed % 5 == 0) options.window_span = minutes(2);
  options.retention = retention_for(seed);
  options.clock_ahead_max = days(100'000);  // its time leaps, and is right
  options.notice_wait = Duration(0);
  return options;
}

std::string text(const answer::AverageQuery& query) {
  return fmt::format("average of {}/{}/{}, {} at {} over {}", query.building, query.room, query.sensor.value_or("*"),
                     query.quantity, format_timestamp(query.at), format_duration(query.window));
}

}  // namespace

Life::Life(std::unique_ptr<Stores> stores, std::uint32_t seed)
    : random_(seed),
      sensors_(seed % 4 == 0   ? 300
               : seed % 4 == 1 ? 1
                               : 6),
      rooms_(1 + static_cast<int>(seed % 3)),
      odd_values_(seed % 3 == 0),
      flushes_by_itself_(seed % 2 == 0),
      retention_(retention_for(seed)),
      way_(std::move(stores), options_for(seed)) {}

void Life::live(int operations) {
  way_.start();
  for (operation_ = 1; operation_ <= operations && !::testing::Test::HasFatalFailure(); ++operation_) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, fmt::format("operation {}", operation_));
    step();
    if (operation_ % kCheckEvery == 0) check_all();
  }
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_GT(all_.count(), 0U);
}

void Life::step() {
  const auto kind = below(1000);
  pass_time();
  if (kind < 480) return write_batch();
  if (kind < 505) return replace();
  if (kind < 515) return replace_among_writes();
  if (kind < 520) return replace_and_crash();
  if (kind < 540) return remove();
  if (kind < 550) return send_again();
  if (kind < 556) return remove_among_writes();
  if (kind < 560) return remove_and_crash();
  if (kind < 600) return write_batches_at_once();
  if (kind < 820) return ask_average();
  if (kind < 860) return ask_history();
  if (kind < 940) return ask_readings();
  if (kind < 950) return ask_lists();
  if (kind < 980) return flush();
  if (kind < 984) return crash_while_flushing();
  if (kind < 988) return write_and_crash();
  restart(/*crash=*/kind < 994);
}

std::int64_t Life::below(std::int64_t bound) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
}

void Life::pass_time() {
  way_.clock().advance(milliseconds(below(4) == 0 ? below(20'000) : below(300)));
  if (chance(150)) way_.clock().advance(minutes(below(60)));
  if (chance(400)) way_.clock().advance(hours(1 + below(30)));  // everybody was silent
  all_.forget(retention_, now());
}

// Mostly now; late, very late and ahead; on the edges of seconds, minutes and days.
Timestamp Life::random_moment() {
  switch (below(12)) {
    case 0:
      return now() - milliseconds(below(30 * 60'000));
    case 1:
      return now() - milliseconds(below(3 * 86'400'000));
    case 2:
      return std::chrono::floor<seconds>(now()) - milliseconds(below(3) - 1);
    case 3:
      return std::chrono::floor<minutes>(now()) - minutes(below(25)) - milliseconds(below(3) - 1);
    case 4:
      return std::chrono::floor<days>(now()) - milliseconds(below(3) - 1);
    case 5:
      if (chance(8)) return now() + milliseconds(below(600'001));
      if (chance(8)) return limits::kTimestampFirst + days(below(8000)) + milliseconds(below(1000));
      [[fallthrough]];
    default:
      return now() - milliseconds(below(2000));
  }
}

double Life::random_value() {
  if (odd_values_ && chance(10)) {
    const std::vector<double> odd{0.0, -0.0, 1e300, -1e300, 1e-30, -3e-25, 0.1, 1e17, -1e17, 5e15 + 1};
    return odd[static_cast<std::size_t>(below(static_cast<std::int64_t>(odd.size())))];
  }
  return static_cast<double>(below(6000) - 1000) / 100;
}

NamedReading Life::random_reading() {
  if (!recent_.empty() && chance(12)) {  // a repeat, sometimes with another value
    NamedReading again = recent_[static_cast<std::size_t>(below(static_cast<std::int64_t>(recent_.size())))];
    if (chance(3)) again.value = random_value();
    return again;
  }
  NamedReading reading;
  reading.building = chance(10) ? "annex" : "main";
  reading.room = fmt::format("room/{}", below(rooms_));
  reading.sensor = fmt::format("s{}", below(sensors_));
  reading.quantity = chance(6) ? "co2" : "temperature";
  reading.timestamp = random_moment();
  reading.value = random_value();
  recent_.push_back(reading);
  if (recent_.size() > kRecent) recent_.pop_front();
  return reading;
}

std::vector<NamedReading> Life::random_batch() {
  const auto size = chance(8) ? 1 + below(150) : 1 + below(6);
  std::vector<NamedReading> batch;
  while (static_cast<std::int64_t>(batch.size()) < size) batch.push_back(random_reading());
  return batch;
}

void Life::expect_outcome(const std::vector<NamedReading>& batch, const WriteOutcome& outcome) {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::vector<Conflict> conflicts;
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    if (inadmissible(batch[i])) {
      ++rejected;
      continue;
    }
    const auto [verdict, stored] = all_.write(batch[i]);
    accepted += verdict == BruteForce::Verdict::fresh ? 1 : 0;
    duplicates += verdict == BruteForce::Verdict::duplicate ? 1 : 0;
    if (verdict == BruteForce::Verdict::conflict) conflicts.push_back({i, stored, batch[i].value});
  }
  ASSERT_EQ(outcome.rejected, rejected);
  ASSERT_EQ(outcome.accepted, accepted);
  ASSERT_EQ(outcome.duplicates, duplicates);
  ASSERT_EQ(outcome.conflicts, conflicts.size());
  ASSERT_EQ(outcome.conflict_details.size(), std::min(conflicts.size(), limits::kDetailsListedMax));
  for (std::size_t i = 0; i < outcome.conflict_details.size(); ++i) {
    ASSERT_EQ(outcome.conflict_details[i].index, conflicts[i].index);
    ASSERT_EQ(outcome.conflict_details[i].stored, conflicts[i].stored);
    ASSERT_EQ(outcome.conflict_details[i].refused, conflicts[i].refused);
  }
}

bool Life::inadmissible(const NamedReading& reading) {
  const bool too_cold = reading.quantity == "temperature" && reading.value < -273.15;
  return too_cold || reading.timestamp < retention_.keep_from(reading.quantity, now());
}

void Life::write_batch() {
  const auto batch = random_batch();
  const auto outcome = way_.write(batch);
  ASSERT_TRUE(outcome) << outcome.error().detail;
  expect_outcome(batch, *outcome);
}

// Several senders at once: their order is the journal's.
void Life::write_batches_at_once() {
  std::vector<std::vector<NamedReading>> batches(static_cast<std::size_t>(2 + below(6)));
  std::vector<Told> told(batches.size());
  for (auto& batch : batches) batch = random_batch();
  for (std::size_t i = 0; i < batches.size(); ++i) {
    way_.pipeline().write_path().write(parsed(batches[i]), "test", told[i]);
  }
  std::map<Position, std::pair<std::size_t, WriteOutcome>> by_position;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto outcome = told[i].wait();
    ASSERT_TRUE(outcome) << outcome.error().detail;
    const Position position = outcome->position;
    if (position == Position()) {  // all of it was too old
      expect_outcome(batches[i], *outcome);
      ++refused;
      continue;
    }
    by_position.emplace(position, std::pair(i, std::move(*outcome)));
  }
  ASSERT_EQ(by_position.size() + refused, batches.size()) << "two batches share a position";
  for (const auto& [position, write] : by_position) {
    expect_outcome(batches[write.first], write.second);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// The process ends while a batch is on its way to the disk: it is stored whole or not at all, and
// everything that was acknowledged before is there.
void Life::write_and_crash() {
  auto batch = random_batch();
  std::erase_if(batch, [this](const NamedReading& reading) { return inadmissible(reading); });
  NamedReading witness = random_reading();
  witness.timestamp = now();  // still there after the restart
  witness.sensor = fmt::format("witness {}", operation_);
  batch.push_back(witness);
  way_.stores().tear_next_write(static_cast<int>(below(4)));
  const auto outcome = way_.write(batch);
  restart(/*crash=*/true);
  if (::testing::Test::HasFatalFailure()) return;
  bool stored = outcome.has_value();
  if (!stored) {
    answer::ReadingsQuery query;
    query.building = witness.building;
    query.room = witness.room;
    query.sensor = witness.sensor;
    query.quantity = witness.quantity;
    const auto page = way_.reads().readings(query);
    stored = page && !page->rows.empty();
  }
  if (!stored) return;
  for (const NamedReading& reading : batch) all_.write(reading);
  all_.forget(retention_, now());
}

void Life::ask_average() {
  answer::AverageQuery query;
  query.building = chance(10) ? "annex" : "main";
  query.room = fmt::format("room/{}", below(rooms_));
  query.quantity = chance(6) ? "co2" : "temperature";
  if (chance(3)) query.sensor = fmt::format("s{}", below(sensors_ + 1));
  query.at = chance(2) ? now() : random_moment();
  query.window = chance(2) ? Duration(minutes(15)) : Duration(seconds(1) + milliseconds(below(86'399'001)));
  if (chance(3)) query.window = seconds(1 + below(100));
  if (chance(40)) query.window = limits::kWindowMax;
  if (!recent_.empty() && chance(4)) {  // a window that begins or ends at a reading, or beside it
    query.at = recent_[static_cast<std::size_t>(below(static_cast<std::int64_t>(recent_.size())))].timestamp +
               milliseconds(below(3) - 1);
    if (chance(2)) query.at += query.window;
  }
  const auto answer = way_.reads().average(query);
  if (!answer) {
    ASSERT_EQ(answer.error().code, ErrorCode::room_unknown) << answer.error().detail;
    ASSERT_FALSE(all_.rooms().contains({query.building, query.room})) << text(query);
    return;
  }
  ASSERT_EQ(all_.check(query, *answer), "") << text(query);
}

// Every page through to the end.
void Life::ask_readings() {
  answer::ReadingsQuery query;
  query.building = chance(10) ? "annex" : "main";
  query.room = fmt::format("room/{}", below(rooms_));
  query.quantity = chance(6) ? "co2" : "temperature";
  if (chance(3)) query.sensor = fmt::format("s{}", below(sensors_ + 1));
  if (!all_.rooms().contains({query.building, query.room})) return;
  if (!chance(8)) {
    query.from = random_moment() - milliseconds(below(60'000));
    query.to = query.from + milliseconds(below(chance(2) ? 10'000 : 2 * 86'400'000));
  }
  const auto want = all_.readings(query);
  const auto pages = static_cast<std::int64_t>(want.size()) / 12 + 1;  // at most some 12 pages
  query.limit = static_cast<std::size_t>(pages + below(20));
  std::vector<BruteForce::Row> got;
  while (true) {
    const auto page = way_.reads().readings(query);
    ASSERT_TRUE(page) << page.error().detail;
    ASSERT_LE(page->rows.size(), query.limit);
    for (const auto& row : page->rows) got.push_back({std::string(row.sensor), row.timestamp, row.value});
    if (!page->next) break;
    ASSERT_EQ(page->rows.size(), query.limit) << "a page that is not full names a next one";
    query.after = page->next;
  }
  ASSERT_EQ(got.size(), want.size());
  ASSERT_TRUE(got == want);
}

void Life::flush() {
  if (chance(3)) {
    ASSERT_TRUE(way_.pipeline().expire());
  }
  const bool fails = chance(4);
  if (fails) way_.stores().history().fail_commits(1);
  const auto flushed = way_.pipeline().flush();
  if (flushes_by_itself_) return;  // the flusher's thread may have met the failure, or left nothing to do
  if (!fails) {
    ASSERT_TRUE(flushed) << flushed.error().detail;
  }
  if (flushed) {
    ASSERT_EQ(way_.pipeline().figures().readings_unflushed, 0U);
  }
  way_.stores().history().fail_commits(0);
  if (!chance(3)) return;
  const auto settled = way_.stores().history().settle();
  ASSERT_TRUE(settled) << settled.error().detail;
}

void Life::crash_while_flushing() {
  way_.stores().history().fail_commits(chance(2) ? 1 : 0);
  if (chance(2)) way_.stores().freeze_after(static_cast<int>(below(6)));
  static_cast<void>(way_.pipeline().flush());
  restart(/*crash=*/true);
}

void Life::restart(bool crash) {
  if (crash) {
    way_.crash();
  } else {
    way_.close();
  }
  if (chance(3)) way_.clock().advance(hours(below(4)));
  way_.start();
  all_.forget(retention_, now());
}

}  // namespace temperature::pipeline
