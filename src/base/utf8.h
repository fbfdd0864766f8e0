#pragma once

#include <string_view>

namespace temperature {

// Whether the text is valid UTF-8 (RFC 3629). The empty text is.
bool valid_utf8(std::string_view text);

// Whether valid UTF-8 text has a control character: C0, DEL, or C1 (U+0080..U+009F).
bool has_control_characters(std::string_view text);

}  // namespace temperature
