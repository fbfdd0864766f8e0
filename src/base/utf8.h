#pragma once

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

// Whether valid UTF-8 text has a control character: C0, DEL, or C1 (U+0080..U+009F).
bool has_control_characters(std::string_view text);

}  // namespace temperature
