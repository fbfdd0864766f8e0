#pragma once

#include <string>
#include <string_view>

namespace temperature::client {

// A bad field as a message shows it: in quotes, the beginning of a long one.
std::string shown(std::string_view field);

// The text with every no-break space (U+00A0, U+202F: some exports have them before "PM" or in a header) as a blank,
// and without blanks around it.
std::string without_odd_blanks(std::string_view text);

// ASCII letters in lower case.
std::string in_lower_case(std::string_view text);

}  // namespace temperature::client
