#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/ids.h"

namespace temperature::history {

// How long a stretch of time one volume covers: short enough that little is read for a small question,
// long enough that a sensor that seldom speaks fills it. Stretches begin at multiples since 1970.
enum class Span : std::uint8_t { day, month };
inline constexpr std::array kSpans{Span::day, Span::month};
inline constexpr std::int32_t kDaysPerMonth = 32;

constexpr Duration length(Span span) {
  return span == Span::day ? Duration(std::chrono::days(1)) : Duration(std::chrono::days(kDaysPerMonth));
}

// The number of the stretch in which a moment lies; those beyond every calendar share the outermost.
std::int32_t number_of(Span span, Timestamp moment);
// Its first moment, and the one behind its last; kTimestampMin and kTimestampMax at the outermost.
Timestamp begin_of(Span span, std::int32_t number);
Timestamp end_of(Span span, std::int32_t number);

// The key of a volume: its stretch, then the series, so that what is old lies together and is let go together.
// Big-endian, the number's sign bit turned, so that keys sort as bytes.
struct VolumeKey {
  static constexpr std::size_t kBytes = 4 + 4;

  std::int32_t number = 0;
  SeriesId series;

  [[nodiscard]] std::array<char, kBytes> encode() const;
  static std::optional<VolumeKey> decode(std::string_view bytes);
};

// The key of what is kept once for a series: its id, big-endian.
std::string series_key(SeriesId series);
std::optional<SeriesId> decode_series_key(std::string_view bytes);

}  // namespace temperature::history
