#include "base/printable.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace temperature {
namespace {

// How many bytes the character at the beginning of `text` has, by its first byte alone; 1 for what begins none.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

// REQUIRES: one character in valid UTF-8.
char32_t code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first;
  char32_t code = first & (0x7fU >> character.size());
  for (const char c : character.substr(1)) code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3fU);
  return code;
}

// Control characters, marks that turn the direction of writing, and separators of lines.
bool is_unseen(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  std::size_t taken = 0;
  while (!text.empty()) {
    std::string_view character = text.substr(0, character_bytes(text));
    const bool valid = valid_utf8(character);
    if (!valid) character = text.substr(0, 1);
    taken += character.size();
    if (taken > bytes_max) return out + "...";
    const char32_t code = valid ? code_point(character) : static_cast<unsigned char>(character.front());
    if (!valid || (code < 0x20 || code == 0x7f)) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
    } else if (is_unseen(code)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(code));
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string printable_json(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const std::string_view character = json.substr(0, character_bytes(json));
    const char32_t code = code_point(character);
    out += is_unseen(code) ? fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code)) : std::string(character);
    json.remove_prefix(character.size());
  }
  return out;
}

}  // namespace temperature
