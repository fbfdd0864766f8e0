#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "postgres/binary.h"

struct pg_result;  // libpq's

namespace temperature::postgres {

// What a statement returned, all of it in memory, in binary form. Rows and columns count from 0. A statement casts its
// columns ("count(*)::int8"), and has_types() says whether the database kept to it: a value that has not the size of
// what is asked for reads as 0 or empty. REQUIRES: row and column are there. Thread-safe once made.
class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* result);  // takes it

  [[nodiscard]] int count() const;
  [[nodiscard]] int columns() const;
  [[nodiscard]] bool has_types(std::initializer_list<Type> types) const;

  [[nodiscard]] bool null(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;
  [[nodiscard]] std::int32_t int4(int row, int column) const;
  [[nodiscard]] std::int64_t int8(int row, int column) const;  // of int2 and int4, too
  [[nodiscard]] double float8(int row, int column) const;      // of float4, too
  // Of timestamptz. Digits past the millisecond are cut off; infinity is kTimestampMax, -infinity kTimestampMin.
  [[nodiscard]] Timestamp timestamp(int row, int column) const;
  [[nodiscard]] std::string uuid(int row, int column) const;  // 36 characters; empty when it is none
  // As they are: of text, varchar, bytea. Valid as long as this object.
  [[nodiscard]] std::string_view text(int row, int column) const;
  [[nodiscard]] std::string_view bytes(int row, int column) const { return text(row, column); }

  // Rows that were inserted, changed, deleted, selected or copied.
  [[nodiscard]] std::uint64_t affected() const;
  // What was done: "INSERT 0 5", "COMMIT".
  [[nodiscard]] std::string_view tag() const;

 private:
  std::shared_ptr<pg_result> result_;
};

// 16 bytes as "8c2f6a3e-....": empty for any other number of bytes.
std::string uuid_text(std::string_view bytes);

}  // namespace temperature::postgres
