#pragma once

#include <cstddef>
#include <string_view>

namespace temperature {

// Whether the text has ASCII alone. The empty text has.
bool is_ascii(std::string_view text);

// Whether the text is valid UTF-8 (RFC 3629). The empty text is.
bool valid_utf8(std::string_view text);

// The mark that some programs write at the start of a text (U+FEFF): it says UTF-8, and is no part of the text.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The text behind that mark, if it begins with one.
constexpr std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

// The beginning of the text, at most `bytes_max` bytes of it, cut between two characters. Where the text is not valid
// UTF-8, at most three bytes less than it could have.
constexpr std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  constexpr std::size_t kBytesMore = 3;  // behind the first one of a character
  const auto within_a_character = [text](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::size_t end = bytes_max;
  while (end > 0 && bytes_max - end < kBytesMore && within_a_character(end)) --end;
  return text.substr(0, end);
}

// Whether valid UTF-8 text has a control character: C0, DEL, or C1 (U+0080..U+009F).
bool has_control_characters(std::string_view text);

}  // namespace temperature
