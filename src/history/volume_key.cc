#include "history/volume_key.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace temperature::history {
namespace {

constexpr std::uint32_t kSign = 1U << 31U;
constexpr std::int32_t kNumberMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kNumberMax = std::numeric_limits<std::int32_t>::max();

void put_big_endian(char* out, std::uint32_t value) {
  const std::uint32_t swapped = __builtin_bswap32(value);
  std::memcpy(out, &swapped, sizeof swapped);
}

std::uint32_t get_big_endian(const char* bytes) {
  std::uint32_t swapped = 0;
  std::memcpy(&swapped, bytes, sizeof swapped);
  return __builtin_bswap32(swapped);
}

}  // namespace

std::int32_t number_of(Span span, Timestamp moment) {
  const std::int64_t ms = to_ms(moment);
  const std::int64_t stretch = length(span).count();
  const std::int64_t number = ms / stretch - (ms % stretch < 0 ? 1 : 0);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, kNumberMin, kNumberMax));
}

Timestamp begin_of(Span span, std::int32_t number) {
  return number == kNumberMin ? kTimestampMin : Timestamp(length(span) * number);
}

Timestamp end_of(Span span, std::int32_t number) {
  return number == kNumberMax ? kTimestampMax : Timestamp(length(span) * (std::int64_t{number} + 1));
}

std::array<char, VolumeKey::kBytes> VolumeKey::encode() const {
  std::array<char, kBytes> key;
  put_big_endian(key.data(), static_cast<std::uint32_t>(number) ^ kSign);
  put_big_endian(key.data() + 4, series.value());
  return key;
}

std::optional<VolumeKey> VolumeKey::decode(std::string_view bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  return VolumeKey{static_cast<std::int32_t>(get_big_endian(bytes.data()) ^ kSign),
                   SeriesId(get_big_endian(bytes.data() + 4))};
}

std::string series_key(SeriesId series) {
  std::string key(sizeof(std::uint32_t), '\0');
  put_big_endian(key.data(), series.value());
  return key;
}

std::optional<SeriesId> decode_series_key(std::string_view bytes) {
  if (bytes.size() != sizeof(std::uint32_t)) return std::nullopt;
  return SeriesId(get_big_endian(bytes.data()));
}

}  // namespace temperature::history
