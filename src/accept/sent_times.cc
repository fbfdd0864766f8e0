#include "accept/sent_times.h"

#include <fmt/format.h>

#include <charconv>

#include "base/epoch.h"
#include "base/timestamp_limits.h"

namespace temperature::accept {
namespace {

constexpr Duration kLocalTimeAheadMax = std::chrono::hours(14);  // of UTC; the farthest zone
constexpr Duration kLocalTimeAheadMin = std::chrono::minutes(25);
constexpr std::int64_t kMsOfSecond = 1'000;

// The word as a count of `unit`, when it is what was read as `ms`; decimals are of seconds, and are not looked at.
std::optional<std::int64_t> count_of(std::string_view word, EpochUnit unit, std::int64_t ms) {
  std::int64_t count = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, count);
  if (error != std::errc() || (stop != end && *stop != '.')) return std::nullopt;
  const std::int64_t whole = stop == end ? ms : ms - ms % kMsOfSecond;
  return to_milliseconds(count, unit) == whole ? std::optional(count) : std::nullopt;
}

}  // namespace

SentTimes::Told SentTimes::tell(const ingest::RawReading& raw, Timestamp now) {
  const Timestamp timestamp = timestamp_from_ms(*raw.timestamp_ms);
  std::string word(words_.of(raw.index));
  auto count = count_of(word, times_in_, *raw.timestamp_ms);
  if (!count && times_in_ == EpochUnit::milliseconds) {
    count = raw.timestamp_ms;
    word = std::to_string(*raw.timestamp_ms);
  }
  const EpochUnit unit = count && times_in_ == EpochUnit::by_magnitude ? unit_by_magnitude(*count) : times_in_;
  Told told;
  told.timestamp = count ? fmt::format("timestamp {} ({} in {})", word, format_timestamp(timestamp), name_of(unit))
                         : fmt::format("timestamp {}", format_timestamp(timestamp));
  std::string cause = count ? likely_cause(*count, unit, now) : std::string(likely_cause(timestamp));
  if (cause.empty() && timestamp > now + kLocalTimeAheadMin && timestamp <= now + kLocalTimeAheadMax) {
    cause = "it may be local time that was sent as UTC";
  }
  if (!cause.empty()) told.cause = ": " + cause;
  return told;
}

Error SentTimes::refusal(ErrorCode code, const ingest::RawReading& raw, Timestamp now, Duration max_ahead) {
  const auto [sent, cause] = tell(raw, now);
  if (code == ErrorCode::timestamp_too_old) {
    return {code, fmt::format("{} lies before the year 2000{}", sent, cause)};
  }
  const Timestamp timestamp = timestamp_from_ms(*raw.timestamp_ms);
  const std::string far = timestamp > limits::kTimestampLast ? "centuries" : format_duration(timestamp - now);
  return {code, fmt::format("{} is {} ahead of the server's time {}; at most {} are allowed{}", sent, far,
                            format_timestamp(now), format_duration(max_ahead), cause)};
}

}  // namespace temperature::accept
