#pragma once

#include <string_view>

namespace temperature::http {

// Whether `text` is a token (RFC 9110, section 5.6.2): not empty, no blanks, no delimiters.
bool is_token(std::string_view text);

// Compares without regard to the case of ASCII letters, as names of codings are (RFC 9110, section 8.4.1).
bool equal_without_case(std::string_view one, std::string_view other);

// Leaves out blanks and tabs around (OWS; RFC 9110, section 5.6.3).
std::string_view trim_blanks(std::string_view text);

// Takes the next element off a list with commas (RFC 9110, section 5.6.1), without the blanks around it; it may be
// empty. `rest` is what follows the comma; its data() is null after the last element.
std::string_view take_element(std::string_view& rest);

}  // namespace temperature::http
