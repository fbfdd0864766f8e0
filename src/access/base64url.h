#pragma once

#include <optional>
#include <string>
#include <string_view>

// Base64 with the alphabet for URLs and without padding (RFC 4648, section 5; RFC 7515, appendix C).
namespace temperature::access {

std::string encode_base64url(std::string_view bytes);

// nullopt: another character (padding and white space are others), a length that none has, or last bits that are not
// zero. So each value has one text.
std::optional<std::string> decode_base64url(std::string_view text);

// The same for what HTTP's Basic scheme carries: the usual alphabet, padded (RFC 4648, section 4).
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace temperature::access
