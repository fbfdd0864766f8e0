#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/time.h"
#include "base/timestamp_limits.h"
#include "pipeline/life.h"

// The questions about history in a random life.
namespace temperature::pipeline {
namespace {

using answer::Aggregate;
using answer::Fill;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int kPagesMax = 10'000;

std::string text(const answer::HistoryQuery& query) {
  return fmt::format("history of {}/{}/{}, {} from {} to {} by {}, fill {}, limit {}", query.building,
                     fmt::join(query.rooms, "+"), query.sensor.value_or("*"), query.quantity,
                     format_timestamp(query.from), format_timestamp(query.to), format_duration(query.step),
                     static_cast<int>(query.fill), query.limit);
}

}  // namespace

answer::HistoryQuery Life::random_history_query() {
  answer::HistoryQuery query;
  query.building = chance(10) ? "annex" : "main";
  for (int i = 0; i < rooms_; ++i) query.rooms.push_back(fmt::format("room/{}", i));
  std::ranges::shuffle(query.rooms, random_);
  query.rooms.resize(static_cast<std::size_t>(1 + below(rooms_)));
  if (chance(3)) query.sensor = fmt::format("s{}", below(sensors_ + 1));
  query.quantity = chance(6) ? "co2" : "temperature";
  query.fill = static_cast<Fill>(below(3));
  query.from = random_moment() - milliseconds(below(3'600'000));
  query.to = query.from + milliseconds(below(chance(2) ? 60'000 : 3 * 86'400'000));
  if (chance(2)) query.from = std::chrono::floor<minutes>(query.from);
  if (chance(12)) {  // all of time, of which most is empty
    query.from = limits::kTimestampFirst;
    query.to = limits::kTimestampLast;
    query.fill = Fill::none;
  }
  query.step = std::max((query.to - query.from) / (1 + below(200)), Duration(1 + below(3)));
  if (chance(2)) query.step = std::max(std::chrono::floor<minutes>(query.step), minutes(1));
  if (query.fill == Fill::none && chance(3)) query.step = milliseconds(1 + below(100'000));
  for (const auto aggregate : {Aggregate::count, Aggregate::mean, Aggregate::first, Aggregate::stddev}) {
    if (chance(2)) query.aggregates.push_back(aggregate);
  }
  return query;
}

// Every page through to the end.
void Life::ask_history() {
  answer::HistoryQuery query = random_history_query();
  const auto known = [&](const std::string& room) { return all_.rooms().contains({query.building, room}); };
  const std::size_t expected =
      query.fill == Fill::none ? 200
                               : query.rooms.size() * static_cast<std::size_t>((query.to - query.from) / query.step);
  query.limit = expected / 8 + static_cast<std::size_t>(1 + below(20));
  std::vector<answer::HistoryBucket> buckets;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    const auto page = way_.reads().history(query);
    if (!page && page.error().code == ErrorCode::room_unknown) {
      ASSERT_FALSE(std::ranges::all_of(query.rooms, known)) << text(query);
      return;
    }
    ASSERT_TRUE(page) << page.error().detail;
    ASSERT_LE(page->buckets.size(), query.limit);
    buckets.insert(buckets.end(), page->buckets.begin(), page->buckets.end());
    query.after = page->next;
    if (!page->next) break;
    query.after = answer::HistoryCursor::decode(page->next->encode());
    ASSERT_TRUE(query.after) << page->next->encode();
  }
  ASSERT_FALSE(query.after) << "there is no end: " << text(query);
  ASSERT_EQ(all_.check(query, buckets), "") << text(query);
}

}  // namespace temperature::pipeline
