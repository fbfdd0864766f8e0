#include "base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace temperature {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kDigits[c >> 4U]);
      out.push_back(kDigits[c & 15U]);
  }
}

// ASCII that stands for itself.
bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// The bytes of the UTF-8 character that begins at `i`, or 0 when none does.
std::size_t character_bytes(std::string_view text, std::size_t i) {
  for (std::size_t length = 1; length <= 4 && length <= text.size() - i; ++length) {
    if (valid_utf8(text.substr(i, length))) return length;
  }
  return 0;
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), error == std::errc() ? end : digits.data());
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) {
    out.push_back('"');
    out.append(text);
    out.push_back('"');
    return;
  }
  const bool valid = valid_utf8(text);
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
      append_escaped(out, c);
      ++i;
    } else if (valid || c < 0x80) {
      out.push_back(text[i++]);
    } else if (const std::size_t length = character_bytes(text, i); length > 0) {
      out.append(text.substr(i, length));
      i += length;
    } else {
      out.append(kReplacement);
      ++i;
    }
  }
  out.push_back('"');
}

void append_json_number(std::string& out, double value) {
  if (std::isfinite(value)) {
    append_number(out, value);
  } else {
    out += "null";
  }
}
void append_json_number(std::string& out, std::uint64_t value) {
  append_number(out, value);
}
void append_json_number(std::string& out, std::int64_t value) {
  append_number(out, value);
}

void append_json_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

}  // namespace temperature
