#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace temperature::http {

// In a query "+" stands for a space (application/x-www-form-urlencoded); in a path it is itself.
enum class Plus : std::uint8_t { is_plus, is_space };

// The value of a hexadecimal digit; negative when it is none.
int hex_digit(char c);

// Replaces %XX (RFC 3986, section 2.1). False when one is malformed; `decoded` is then unspecified.
bool percent_decode(std::string_view text, std::string& decoded, Plus plus);

}  // namespace temperature::http
