#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "client/bounds.h"

namespace temperature::client {

// Text from elsewhere as a terminal may get it: on one line, at most `bytes_max` of its bytes and "..." where there
// were more. Control characters, what turns the direction of writing, and bytes that are no UTF-8 become \x1b,
// \u{202e}.
std::string printable(std::string_view text, std::size_t bytes_max = kShownBytesMax);

// The same of JSON, which stays the same JSON: such characters become \u202e. REQUIRES: `json` was read as such.
std::string printable_json(std::string_view json);

}  // namespace temperature::client
