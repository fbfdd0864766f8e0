#include "history/keys.h"

namespace temperature::history {
namespace {

template <class Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> static_cast<unsigned>(shift))));
  }
}

template <class Unsigned>
Unsigned take_big_endian(std::string_view& bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(sizeof(Unsigned));
  return value;
}

constexpr std::uint32_t kSign32 = 1U << 31U;
constexpr std::uint64_t kSign64 = std::uint64_t{1} << 63U;

}  // namespace

std::string BlockKey::encode() const {
  std::string key = day_prefix(series, day);
  append_big_endian(key, static_cast<std::uint64_t>(to_ms(first)) ^ kSign64);
  append_big_endian(key, flush);
  return key;
}

std::optional<BlockKey> BlockKey::decode(std::string_view bytes) {
  if (bytes.size() != kBlockKeyBytes) return std::nullopt;
  BlockKey key;
  key.series = SeriesId(take_big_endian<std::uint32_t>(bytes));
  key.day = static_cast<std::int32_t>(take_big_endian<std::uint32_t>(bytes) ^ kSign32);
  key.first = timestamp_from_ms(static_cast<std::int64_t>(take_big_endian<std::uint64_t>(bytes) ^ kSign64));
  key.flush = take_big_endian<std::uint64_t>(bytes);
  return key;
}

std::string day_prefix(SeriesId series, std::int32_t day) {
  std::string key = series_key(series);
  append_big_endian(key, static_cast<std::uint32_t>(day) ^ kSign32);
  return key;
}

std::string series_key(SeriesId series) {
  std::string key;
  key.reserve(kBlockKeyBytes);
  append_big_endian(key, series.value());
  return key;
}

std::optional<SeriesId> decode_series_key(std::string_view bytes) {
  if (bytes.size() != sizeof(std::uint32_t)) return std::nullopt;
  return SeriesId(take_big_endian<std::uint32_t>(bytes));
}

}  // namespace temperature::history
