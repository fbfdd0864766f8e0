#include "mapping/precision.h"

#include <array>
#include <limits>
#include <utility>

namespace temperature::mapping {
namespace {

using Spelling = std::pair<std::string_view, Precision>;

constexpr std::array kSpellings{
    Spelling{"ns", Precision::nanoseconds},    Spelling{"n", Precision::nanoseconds},
    Spelling{"us", Precision::microseconds},   Spelling{"u", Precision::microseconds},
    Spelling{"µs", Precision::microseconds},   Spelling{"µ", Precision::microseconds},
    Spelling{"ms", Precision::milliseconds},   Spelling{"s", Precision::seconds},
    Spelling{"m", Precision::minutes},         Spelling{"h", Precision::hours},
    Spelling{"auto", Precision::by_magnitude},
};

// In full; a plural has an s more.
constexpr std::array kNames{
    Spelling{"nanosecond", Precision::nanoseconds},   Spelling{"microsecond", Precision::microseconds},
    Spelling{"millisecond", Precision::milliseconds}, Spelling{"second", Precision::seconds},
    Spelling{"minute", Precision::minutes},           Spelling{"hour", Precision::hours},
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

std::optional<Precision> precision_of(std::string_view text) {
  for (const auto& [written, precision] : kSpellings) {
    if (written == text) return precision;
  }
  for (const auto& [name, precision] : kNames) {
    if (text.starts_with(name) && (text.size() == name.size() || text.substr(name.size()) == "s")) return precision;
  }
  return std::nullopt;
}

Precision precision_by_magnitude(std::int64_t timestamp) {
  constexpr std::int64_t kSecondsEnd = 5'000'000'000;  // each next unit's are a thousand times as large
  const auto within = [timestamp](std::int64_t end) { return timestamp > -end && timestamp < end; };
  if (within(kSecondsEnd)) return Precision::seconds;
  if (within(kSecondsEnd * 1'000)) return Precision::milliseconds;
  if (within(kSecondsEnd * 1'000'000)) return Precision::microseconds;
  return Precision::nanoseconds;
}

std::int64_t to_milliseconds(std::int64_t timestamp, Precision precision) {
  switch (precision) {
    case Precision::nanoseconds:
      return divide_down(timestamp, 1'000'000);
    case Precision::microseconds:
      return divide_down(timestamp, 1'000);
    case Precision::milliseconds:
      return timestamp;
    case Precision::seconds:
      return multiply(timestamp, 1'000);
    case Precision::minutes:
      return multiply(timestamp, 60'000);
    case Precision::hours:
      return multiply(timestamp, 3'600'000);
    case Precision::by_magnitude:
      return to_milliseconds(timestamp, precision_by_magnitude(timestamp));
  }
  return timestamp;
}

}  // namespace temperature::mapping
