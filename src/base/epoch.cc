#include "base/epoch.h"

#include <array>
#include <limits>

namespace temperature {
namespace {

constexpr Timestamp kPlausibleFirst = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

// Where clocks begin that nobody has set, or that have run over.
struct ClockBegin {
  Timestamp from;
  Timestamp to;
  std::string_view said;
};
constexpr Timestamp first_of(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}
constexpr std::array kClockBegins{
    ClockBegin{first_of(1970, 1, 1), first_of(1971, 1, 1), "a clock that was never set begins in 1970"},
    // FAT and many real-time clocks; GPS counts from 1980-01-06.
    ClockBegin{first_of(1980, 1, 1), first_of(1980, 2, 1), "a clock that was never set begins in January 1980"},
    ClockBegin{first_of(2000, 1, 1), first_of(2000, 2, 1), "a clock that was never set begins in January 2000"},
    // NTP counts seconds since 1900 in 32 bits (RFC 5905, section 6): they run over on 2036-02-07.
    ClockBegin{first_of(2036, 2, 6), first_of(2036, 2, 9), "a clock that NTP never set shows 2036-02-07"},
    ClockBegin{first_of(2106, 2, 6), first_of(2106, 2, 9), "the largest 32-bit count of seconds is 2106-02-07"},
};

std::int64_t divide_down(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

std::int64_t multiply(std::int64_t value, std::int64_t by) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  if (value > kMax / by) return kMax;
  if (value < kMin / by) return kMin;
  return value * by;
}

}  // namespace

EpochUnit unit_by_magnitude(std::int64_t count) {
  constexpr std::int64_t kSecondsEnd = 5'000'000'000;  // each next unit's are a thousand times as large
  const auto within = [count](std::int64_t end) { return count > -end && count < end; };
  if (within(kSecondsEnd)) return EpochUnit::seconds;
  if (within(kSecondsEnd * 1'000)) return EpochUnit::milliseconds;
  if (within(kSecondsEnd * 1'000'000)) return EpochUnit::microseconds;
  return EpochUnit::nanoseconds;
}

std::string_view name_of(EpochUnit unit) {
  switch (unit) {
    case EpochUnit::nanoseconds:
      return "nanoseconds";
    case EpochUnit::microseconds:
      return "microseconds";
    case EpochUnit::milliseconds:
      return "milliseconds";
    case EpochUnit::seconds:
      return "seconds";
    case EpochUnit::minutes:
      return "minutes";
    case EpochUnit::hours:
      return "hours";
    case EpochUnit::by_magnitude:
      return "a unit that its size tells";
  }
  return "milliseconds";
}

std::int64_t to_milliseconds(std::int64_t count, EpochUnit unit) {
  switch (unit) {
    case EpochUnit::nanoseconds:
      return divide_down(count, 1'000'000);
    case EpochUnit::microseconds:
      return divide_down(count, 1'000);
    case EpochUnit::milliseconds:
      return count;
    case EpochUnit::seconds:
      return multiply(count, 1'000);
    case EpochUnit::minutes:
      return multiply(count, 60'000);
    case EpochUnit::hours:
      return multiply(count, 3'600'000);
    case EpochUnit::by_magnitude:
      return to_milliseconds(count, unit_by_magnitude(count));
  }
  return count;
}

std::string likely_cause(std::int64_t count, EpochUnit said, Timestamp now) {
  if (said == EpochUnit::by_magnitude) said = unit_by_magnitude(count);
  for (const EpochUnit unit :
       {EpochUnit::seconds, EpochUnit::milliseconds, EpochUnit::microseconds, EpochUnit::nanoseconds}) {
    if (unit == said) continue;
    const Timestamp moment = timestamp_from_ms(to_milliseconds(count, unit));
    if (moment < kPlausibleFirst || moment > now + std::chrono::days(1)) continue;
    return std::string("it looks like ").append(name_of(unit)).append(", where ").append(name_of(said)) +
           " since 1970 are expected";
  }
  return std::string(likely_cause(timestamp_from_ms(to_milliseconds(count, said))));
}

std::string_view likely_cause(Timestamp moment) {
  for (const auto& [from, to, said] : kClockBegins) {
    if (moment >= from && moment < to) return said;
  }
  return {};
}

}  // namespace temperature
