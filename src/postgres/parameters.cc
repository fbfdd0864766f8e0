#include "postgres/parameters.h"

#include <bit>

namespace temperature::postgres {
namespace {

void append_bytes(std::string& out, std::string_view bytes) {
  append_big_endian(out, static_cast<std::int32_t>(bytes.size()));
  out += bytes;
}

}  // namespace

template <class Append>
void Parameters::add(Type type, Append append) {
  const std::size_t begin = bytes_.size();
  append(bytes_);
  values_.push_back({.type = type, .begin = begin, .size = bytes_.size() - begin});
  bytes_.push_back('\0');
}

// array_recv: dimensions, whether there are nulls, the element's type; of each dimension its size and its first
// subscript; then the elements, each with its size before it. An empty array has no dimension.
template <class Values, class Append>
void Parameters::add_array(Type array, Type element, const Values& values, Append append) {
  add(array, [&](std::string& out) {
    append_big_endian(out, std::int32_t{values.empty() ? 0 : 1});
    append_big_endian(out, std::int32_t{0});
    append_big_endian(out, static_cast<std::uint32_t>(element));
    if (values.empty()) return;
    append_big_endian(out, static_cast<std::int32_t>(values.size()));
    append_big_endian(out, std::int32_t{1});
    for (const auto& value : values) append(out, value);
  });
}

void Parameters::null() {
  values_.push_back({.type = Type{}, .begin = bytes_.size(), .null = true});
  bytes_.push_back('\0');
}

void Parameters::boolean(bool value) {
  add(Type::boolean, [=](std::string& out) { out.push_back(value ? '\1' : '\0'); });
}

void Parameters::int4(std::int32_t value) {
  add(Type::int4, [=](std::string& out) { append_big_endian(out, value); });
}

void Parameters::int8(std::int64_t value) {
  add(Type::int8, [=](std::string& out) { append_big_endian(out, value); });
}

void Parameters::float8(double value) {
  add(Type::float8, [=](std::string& out) { append_big_endian(out, std::bit_cast<std::int64_t>(value)); });
}

void Parameters::text(std::string_view value) {
  add(Type::text, [=](std::string& out) { out += value; });
}

void Parameters::bytea(std::string_view value) {
  add(Type::bytea, [=](std::string& out) { out += value; });
}

void Parameters::uuid(std::string_view value) {
  add(Type::uuid, [=](std::string& out) { out += value; });
  values_.back().binary = false;
}

void Parameters::timestamp(Timestamp value) {
  add(Type::timestamptz, [=](std::string& out) { append_big_endian(out, to_database_time(value)); });
}

void Parameters::int4s(std::span<const std::int32_t> values) {
  add_array(Type::int4_array, Type::int4, values, [](std::string& out, std::int32_t value) {
    append_big_endian(out, std::int32_t{sizeof(value)});
    append_big_endian(out, value);
  });
}

void Parameters::int8s(std::span<const std::int64_t> values) {
  add_array(Type::int8_array, Type::int8, values, [](std::string& out, std::int64_t value) {
    append_big_endian(out, std::int32_t{sizeof(value)});
    append_big_endian(out, value);
  });
}

void Parameters::float8s(std::span<const double> values) {
  add_array(Type::float8_array, Type::float8, values, [](std::string& out, double value) {
    append_big_endian(out, std::int32_t{sizeof(value)});
    append_big_endian(out, std::bit_cast<std::int64_t>(value));
  });
}

void Parameters::timestamps(std::span<const Timestamp> values) {
  add_array(Type::timestamptz_array, Type::timestamptz, values, [](std::string& out, Timestamp value) {
    append_big_endian(out, std::int32_t{sizeof(std::int64_t)});
    append_big_endian(out, to_database_time(value));
  });
}

void Parameters::texts(std::span<const std::string_view> values) {
  add_array(Type::text_array, Type::text, values, append_bytes);
}

void Parameters::texts(std::span<const std::string> values) {
  add_array(Type::text_array, Type::text, values, append_bytes);
}

void Parameters::byteas(std::span<const std::string_view> values) {
  add_array(Type::bytea_array, Type::bytea, values, append_bytes);
}

void Parameters::byteas(std::span<const std::string> values) {
  add_array(Type::bytea_array, Type::bytea, values, append_bytes);
}

void Parameters::clear() {
  values_.clear();
  bytes_.clear();
}

}  // namespace temperature::postgres
