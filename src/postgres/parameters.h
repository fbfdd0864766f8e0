#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "postgres/binary.h"

namespace temperature::postgres {

// The values of one statement's $1, $2 and so on, in that order, as PostgreSQL's binary representation. They are
// copied. One thread at a time.
class Parameters {
 public:
  void null();  // of any type: the statement must say which by a cast, "$1::text"
  void boolean(bool value);
  void int4(std::int32_t value);
  void int8(std::int64_t value);
  void float8(double value);
  void text(std::string_view value);   // UTF-8 without NUL
  void bytea(std::string_view value);  // any bytes
  void uuid(std::string_view value);   // "8c2f...": as text; the server refuses what is none
  void timestamp(Timestamp value);     // timestamptz
  // Arrays.
  void int4s(std::span<const std::int32_t> values);
  void int8s(std::span<const std::int64_t> values);
  void float8s(std::span<const double> values);
  void timestamps(std::span<const Timestamp> values);  // timestamptz[]
  void texts(std::span<const std::string_view> values);
  void texts(std::span<const std::string> values);
  void byteas(std::span<const std::string_view> values);
  void byteas(std::span<const std::string> values);

  [[nodiscard]] std::size_t count() const { return values_.size(); }
  // Bytes that they take, together.
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  void clear();

  // As libpq takes them.
  struct Value {
    Type type{};
    std::size_t begin = 0;
    std::size_t size = 0;
    bool null = false;
    bool binary = true;
  };
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }
  // Every value has a NUL behind it.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  template <class Append>
  void add(Type type, Append append);
  template <class Values, class Append>
  void add_array(Type array, Type element, const Values& values, Append append);

  std::vector<Value> values_;
  std::string bytes_;
};

}  // namespace temperature::postgres
