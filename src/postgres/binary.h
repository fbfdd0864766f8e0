#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/time.h"

// PostgreSQL's binary representation of values: big-endian numbers, time in microseconds since 2000-01-01
// (PostgreSQL 15, src/backend/utils/adt: the *send and *recv functions).
namespace temperature::postgres {

// The types that are used here, by their fixed numbers (src/include/catalog/pg_type.dat).
enum class Type : std::uint16_t {
  boolean = 16,
  bytea = 17,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  float4 = 700,
  float8 = 701,
  varchar = 1043,
  timestamp = 1114,  // without a zone
  timestamptz = 1184,
  uuid = 2950,
  bytea_array = 1001,
  int4_array = 1007,
  text_array = 1009,
  int8_array = 1016,
  float8_array = 1022,
  timestamptz_array = 1185,
};

template <class Integer>
Integer big_endian(Integer value) {
  return std::byteswap(value);
}

template <class Integer>
void append_big_endian(std::string& out, Integer value) {
  const Integer turned = big_endian(value);
  const std::size_t at = out.size();
  out.resize(at + sizeof(Integer));
  std::memcpy(out.data() + at, &turned, sizeof(Integer));
}

// REQUIRES: `bytes` has as many as the type.
template <class Integer>
Integer read_big_endian(const char* bytes) {
  Integer value{};
  std::memcpy(&value, bytes, sizeof(Integer));
  return big_endian(value);
}

// What PostgreSQL keeps as 'infinity' and '-infinity'; kTimestampMax and kTimestampMin here.
inline constexpr std::int64_t kInfinity = INT64_MAX;
inline constexpr std::int64_t kMinusInfinity = INT64_MIN;

// Microseconds since 2000-01-01. What PostgreSQL cannot hold (after the year 294276) becomes infinity.
std::int64_t to_database_time(Timestamp moment);
// Digits past the millisecond are cut off, as everywhere: towards the past.
Timestamp from_database_time(std::int64_t microseconds);

}  // namespace temperature::postgres
