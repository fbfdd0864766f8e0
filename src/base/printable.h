#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace temperature {

// Text from elsewhere as a terminal or a log may get it: on one line, at most `bytes_max` of its bytes and "..." where
// there were more. Control characters (C0, DEL, C1), what turns the direction of writing, separators of lines, and
// bytes that are no UTF-8 become \x1b, \u{202e}.
std::string printable(std::string_view text, std::size_t bytes_max);

// The same of JSON, which stays the same JSON: such characters become \u202e. REQUIRES: `json` is valid UTF-8, and was
// read or written as such.
std::string printable_json(std::string_view json);

}  // namespace temperature
