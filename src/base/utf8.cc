#include "base/utf8.h"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace temperature {

namespace {

constexpr std::size_t kShortBytes = 64;  // ASCII of this length takes less time than the call of a library

}  // namespace

bool is_ascii(std::string_view text) {
  std::uint64_t all = 0;
  for (; text.size() >= sizeof(all); text.remove_prefix(sizeof(all))) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    all |= word;
  }
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return (all & 0x8080'8080'8080'8080U) == 0;
}

bool valid_utf8(std::string_view text) {
  if (text.size() <= kShortBytes && is_ascii(text)) return true;
  return simdjson::validate_utf8(text.data(), text.size());
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) return true;
  }
  return false;
}

}  // namespace temperature
