#include "postgres/rows.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <cstddef>

namespace temperature::postgres {

Rows::Rows(pg_result* result) : result_(result, &PQclear) {}

int Rows::count() const {
  return result_ ? PQntuples(result_.get()) : 0;
}

int Rows::columns() const {
  return result_ ? PQnfields(result_.get()) : 0;
}

bool Rows::has_types(std::initializer_list<Type> types) const {
  if (columns() != static_cast<int>(types.size())) return false;
  int column = 0;
  for (const Type type : types) {
    if (PQftype(result_.get(), column++) != static_cast<Oid>(type)) return false;
  }
  return true;
}

bool Rows::null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Rows::text(int row, int column) const {
  const int size = PQgetlength(result_.get(), row, column);
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(size)};
}

bool Rows::boolean(int row, int column) const {
  const std::string_view value = text(row, column);
  return value.size() == 1 && value[0] != '\0';
}

std::int64_t Rows::int8(int row, int column) const {
  const std::string_view value = text(row, column);
  if (value.size() == sizeof(std::int64_t)) return read_big_endian<std::int64_t>(value.data());
  if (value.size() == sizeof(std::int32_t)) return read_big_endian<std::int32_t>(value.data());
  if (value.size() == sizeof(std::int16_t)) return read_big_endian<std::int16_t>(value.data());
  return 0;
}

std::int32_t Rows::int4(int row, int column) const {
  return static_cast<std::int32_t>(int8(row, column));
}

double Rows::float8(int row, int column) const {
  const std::string_view value = text(row, column);
  if (value.size() == sizeof(double)) return std::bit_cast<double>(read_big_endian<std::int64_t>(value.data()));
  if (value.size() == sizeof(float)) return std::bit_cast<float>(read_big_endian<std::int32_t>(value.data()));
  return 0;
}

Timestamp Rows::timestamp(int row, int column) const {
  return from_database_time(int8(row, column));
}

std::string Rows::uuid(int row, int column) const {
  return uuid_text(text(row, column));
}

std::uint64_t Rows::affected() const {
  const std::string_view digits = result_ ? PQcmdTuples(result_.get()) : "";
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string_view Rows::tag() const {
  return result_ ? PQcmdStatus(result_.get()) : "";
}

std::string uuid_text(std::string_view bytes) {
  if (bytes.size() != 16) return {};
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return out;
}

}  // namespace temperature::postgres
