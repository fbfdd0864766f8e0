#pragma once

#include <span>
#include <string>
#include <string_view>

namespace temperature::postgres {

// Writes asterisks over the passwords of a database's URL in a text that others may see, such as a word of the command
// line. The URL need not be a valid one: rather too much than too little is taken for a password.
void mask_passwords(std::span<char> text);

// A copy, masked.
std::string masked(std::string_view text);

}  // namespace temperature::postgres
