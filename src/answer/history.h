#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace temperature::limits {

// Buckets of one page of /v1/history; a larger `limit` is refused (parameter_invalid).
inline constexpr std::size_t kHistoryBucketsMax = 10'000;
// Rooms of one question to /v1/history; a question with more is refused (parameter_invalid).
inline constexpr std::size_t kHistoryRoomsMax = 50;
// The shortest step of /v1/history, in milliseconds; a shorter one is refused (parameter_invalid).
inline constexpr Duration kHistoryStepMin = Duration(1);

}  // namespace temperature::limits

// Questions about rooms' history and what they get: buckets of time.
namespace temperature::answer {

// What can be asked of a bucket.
enum class Aggregate : std::uint8_t { count, mean, min, max, first, last, stddev };
inline constexpr std::array<std::string_view, 7> kAggregateNames{"count", "mean", "min",   "max",
                                                                 "first", "last", "stddev"};
constexpr std::string_view name_of(Aggregate aggregate) {
  return kAggregateNames[std::to_underlying(aggregate)];
}

// What becomes of buckets without readings.
enum class Fill : std::uint8_t {
  none,      // they are left out
  null,      // they have no values
  previous,  // they have those of the last bucket before them that has readings, if there is one since `from`
};

// Where a page of buckets went on from, and in which question.
struct HistoryCursor {
  Timestamp from;
  Timestamp to;
  Duration step;
  std::uint64_t bucket = 0;  // the next one
  std::uint64_t room = 0;    // and the next room in it
  // With Fill::previous, for each room: the bucket behind its last one that has readings; 0 when there is none.
  std::vector<std::uint64_t> filled;

  [[nodiscard]] std::string encode() const;
  static std::optional<HistoryCursor> decode(std::string_view text);
};

struct HistoryQuery {
  std::string building;
  std::vector<std::string> rooms;  // one at least
  std::optional<std::string> sensor;
  std::string quantity;
  Timestamp from;  // bucket i holds from + i * step <= timestamp < min(from + (i + 1) * step, to)
  Timestamp to;
  Duration step;                      // > 0
  std::vector<Aggregate> aggregates;  // count is always told
  Fill fill = Fill::none;
  std::size_t limit = 0;  // buckets a page
  std::optional<HistoryCursor> after = std::nullopt;

  [[nodiscard]] bool wants(Aggregate aggregate) const;
};

// A bucket's values.
struct BucketValues {
  double mean = 0;  // the exact sum, divided and rounded once
  double min = 0;
  double max = 0;
  double first = 0;   // the value of the first reading; of several at that moment, the smallest
  double last = 0;    // the value of the last one; of several at that moment, the greatest
  double stddev = 0;  // the population's; only when asked for
};

struct HistoryBucket {
  Timestamp start;
  Timestamp end;
  std::size_t room = 0;  // of the query's
  std::uint64_t count = 0;
  std::optional<BucketValues> values;
};

struct HistoryPage {
  std::string unit;
  std::vector<HistoryBucket> buckets;  // in order of (start, room)
  std::optional<HistoryCursor> next;   // absent on the last page; a page may end before it is full
  std::string lacks = {};  // which rooms have no readings of the quantity, and of which ones; empty: all have
};

// The shortest round step that cuts a range into 300 buckets at most.
Duration step_for(Duration range);

}  // namespace temperature::answer
