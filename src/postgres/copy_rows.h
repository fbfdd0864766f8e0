#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "postgres/binary.h"

// COPY's binary format (postgresql.org/docs/15/sql-copy.html, "Binary Format"): a header, rows, a trailer.
namespace temperature::postgres {

// What stands before the first row, and behind the last one.
inline constexpr std::string_view kCopyHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
inline constexpr std::string_view kCopyTrailer("\377\377", 2);

// Writes rows for COPY ... FROM STDIN (FORMAT binary). The header stands at the beginning from the start; the trailer
// is the writer's own business, kCopyTrailer. One thread at a time.
class CopyRows {
 public:
  CopyRows() { clear(); }

  // Begins a row of so many values, which follow.
  void row(std::int16_t values) { append_big_endian(bytes_, values); }
  void null() { append_big_endian(bytes_, std::int32_t{-1}); }
  void int4(std::int32_t value) { number(value); }
  void int8(std::int64_t value) { number(value); }
  void float8(double value) { number(std::bit_cast<std::int64_t>(value)); }
  void timestamp(Timestamp value) { number(to_database_time(value)); }
  void bytes(std::string_view value) {  // of text, varchar and bytea
    append_big_endian(bytes_, static_cast<std::int32_t>(value.size()));
    bytes_ += value;
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  // Without header and rows, to go on with the next piece of the same COPY.
  void drop() { bytes_.clear(); }
  // As new.
  void clear() { bytes_ = kCopyHeader; }

 private:
  template <class Integer>
  void number(Integer value) {
    append_big_endian(bytes_, std::int32_t{sizeof(Integer)});
    append_big_endian(bytes_, value);
  }

  std::string bytes_;
};

// Reads a row's values, from left to right. What is missing, or has another size than what is asked for, makes ok()
// false for good and reads as 0. The bytes live as long as the row.
class CopiedRow {
 public:
  // `bytes`: number of values, then each with its size before it.
  explicit CopiedRow(std::string_view bytes);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::int16_t values() const { return values_; }
  // Whether the value that comes next is NULL; it is still to be read.
  [[nodiscard]] bool next_is_null() const;

  std::int32_t int4() { return number<std::int32_t>(); }
  std::int64_t int8() { return number<std::int64_t>(); }
  double float8() { return std::bit_cast<double>(number<std::int64_t>()); }
  Timestamp timestamp() { return from_database_time(number<std::int64_t>()); }
  std::string_view bytes();  // of text, varchar and bytea; NULL is empty

 private:
  template <class Integer>
  Integer number() {
    const std::string_view value = bytes();
    if (value.size() == sizeof(Integer)) return read_big_endian<Integer>(value.data());
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  std::int16_t values_ = 0;
  bool ok_ = true;
};

// Takes what COPY ... TO STDOUT (FORMAT binary) sends, in pieces that end anywhere, and hands on whole rows. Bounded by
// the longest row. One thread at a time.
class CopyReader {
 public:
  enum class Next : std::uint8_t { more, stopped, malformed };

  // Calls `take` for each row that is whole now; it returns false to have no more.
  Next feed(std::string_view piece, const std::function<bool(std::string_view row)>& take);
  // Whether the trailer was there and nothing is left over.
  [[nodiscard]] bool complete() const { return trailer_seen_ && pending_.empty(); }

 private:
  std::string pending_;
  bool header_seen_ = false;
  bool trailer_seen_ = false;
};

}  // namespace temperature::postgres
