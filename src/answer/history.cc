#include "answer/history.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>

#include "answer/answer.h"
#include "base/timestamp_limits.h"

namespace temperature::answer {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kBucketsByDefault = 300;
constexpr std::array<Duration, 28> kRoundSteps{
    Duration(1), Duration(10), Duration(100), seconds(1), seconds(2), seconds(5),  seconds(10),
    seconds(15), seconds(30),  minutes(1),    minutes(2), minutes(5), minutes(10), minutes(15),
    minutes(30), hours(1),     hours(2),      hours(3),   hours(6),   hours(12),   days(1),
    days(2),     days(7),      days(14),      days(28),   days(56),   days(182),   days(364)};

constexpr std::size_t kCursorNumbers = 5;

}  // namespace

bool HistoryQuery::wants(Aggregate aggregate) const {
  return std::ranges::find(aggregates, aggregate) != aggregates.end();
}

Duration step_for(Duration range) {
  const auto enough = std::ranges::find_if(
      kRoundSteps, [range](Duration step) { return (range + step - Duration(1)) / step <= kBucketsByDefault; });
  return enough == kRoundSteps.end() ? kRoundSteps.back() : *enough;
}

// "FROM.TO.STEP.BUCKET.ROOM", then the rooms' last buckets, all in decimal digits.
std::string HistoryCursor::encode() const {
  std::string text;
  for (const std::int64_t ms : {to_ms(from), to_ms(to), step.count()}) text += std::to_string(ms) + '.';
  text += std::to_string(bucket) + '.' + std::to_string(room);
  for (const std::uint64_t behind : filled) text += '.' + std::to_string(behind);
  return text;
}

std::optional<HistoryCursor> HistoryCursor::decode(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    if (numbers.size() == kCursorNumbers + limits::kHistoryRoomsMax) return std::nullopt;
    const auto [stop, error] = std::from_chars(at, end, numbers.emplace_back());
    if (error != std::errc() || numbers.back() < 0 || (stop != end && *stop != '.')) return std::nullopt;
    if (stop == end) break;
    at = stop + 1;
  }
  if (numbers.size() < kCursorNumbers) return std::nullopt;
  HistoryCursor cursor{.from = timestamp_from_ms(numbers[0]),
                       .to = timestamp_from_ms(numbers[1]),
                       .step = Duration(numbers[2]),
                       .bucket = static_cast<std::uint64_t>(numbers[3]),
                       .room = static_cast<std::uint64_t>(numbers[4]),
                       .filled = {}};
  if (cursor.from < limits::kTimestampFirst || cursor.to > limits::kTimestampLast || cursor.from > cursor.to ||
      cursor.step < limits::kHistoryStepMin || cursor.step > limits::kWindowMax) {
    return std::nullopt;
  }
  for (const std::int64_t number : std::span(numbers).subspan(kCursorNumbers)) {
    cursor.filled.push_back(static_cast<std::uint64_t>(number));
  }
  return cursor;
}

}  // namespace temperature::answer
