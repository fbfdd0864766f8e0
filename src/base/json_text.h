#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

// Writing JSON (RFC 8259) by appending to a string.
namespace temperature {

// In quotes, with what must be escaped escaped; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// The shortest number that reads back as this double; null for NaN and infinities, which JSON lacks.
void append_json_number(std::string& out, double value);
void append_json_number(std::string& out, std::uint64_t value);
void append_json_number(std::string& out, std::int64_t value);

// A member of an object that has one already: a comma, its name and a colon, and then the value.
void append_json_member(std::string& out, std::string_view name, std::string_view text);
template <class Number>
  requires std::is_arithmetic_v<Number>
void append_json_member(std::string& out, std::string_view name, Number value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_number(out, value);
}

// An array: `append` appends the element that each row becomes.
template <class Rows, class Append>
void append_json_array(std::string& out, const Rows& rows, Append append) {
  out.push_back('[');
  bool first = true;
  for (const auto& row : rows) {
    if (!first) out.push_back(',');
    first = false;
    append(row);
  }
  out.push_back(']');
}

}  // namespace temperature
