#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/ids.h"

// The keys of the history's blocks: series, day, first timestamp, flush. Big-endian with the sign bit
// turned, so that they sort as bytes.
namespace temperature::history {

inline constexpr std::size_t kBlockKeyBytes = 4 + 4 + 8 + 8;
inline constexpr std::size_t kDayPrefixBytes = 4 + 4;

struct BlockKey {
  SeriesId series;
  std::int32_t day = 0;  // since 1970-01-01
  Timestamp first;
  std::uint64_t flush = 0;

  [[nodiscard]] std::string encode() const;
  static std::optional<BlockKey> decode(std::string_view bytes);
};

// The first key of a series' day.
std::string day_prefix(SeriesId series, std::int32_t day);
std::string series_key(SeriesId series);
std::optional<SeriesId> decode_series_key(std::string_view bytes);

inline std::int32_t day_of(Timestamp moment) {
  constexpr std::int64_t kDayMs = 86'400'000;
  const std::int64_t ms = to_ms(moment);
  const std::int64_t day = ms / kDayMs - (ms % kDayMs < 0 ? 1 : 0);
  if (day > INT32_MAX) return INT32_MAX;  // beyond every calendar
  return day < INT32_MIN ? INT32_MIN : static_cast<std::int32_t>(day);
}

}  // namespace temperature::history
