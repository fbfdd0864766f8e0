#include "postgres/binary.h"

#include <chrono>

namespace temperature::postgres {
namespace {

constexpr std::int64_t kEpochMs = 946'684'800'000;  // 2000-01-01T00:00:00Z
// What a timestamptz can hold, in milliseconds since 2000: from 4714-11-24 BC until before 294277 AD
// (PostgreSQL's MIN_TIMESTAMP and END_TIMESTAMP).
constexpr std::int64_t kFirstMs = -211'813'488'000'000;
constexpr std::int64_t kEndMs = 9'223'371'331'200'000;

}  // namespace

std::int64_t to_database_time(Timestamp moment) {
  const std::int64_t ms = to_ms(moment);
  if (ms < kFirstMs + kEpochMs) return kMinusInfinity;
  if (ms >= kEndMs + kEpochMs) return kInfinity;
  return (ms - kEpochMs) * 1'000;
}

Timestamp from_database_time(std::int64_t microseconds) {
  if (microseconds == kInfinity) return kTimestampMax;
  if (microseconds == kMinusInfinity) return kTimestampMin;
  const auto since = std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(microseconds));
  return timestamp_from_ms(since.count() + kEpochMs);
}

}  // namespace temperature::postgres
