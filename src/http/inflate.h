#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes of a body after decompression; a larger one is refused (body_too_large).
inline constexpr std::size_t kBodyInflatedBytesMax = 128 * kMiB;

}  // namespace temperature::limits

namespace temperature::http {

// Whether the value of Content-Encoding (RFC 9110, section 8.4), one list of all such fields, stands for gzip; false:
// for a body as it is. Names are compared without case; "identity" and empty elements count for nothing. Error
// unsupported_encoding: another coding, or gzip twice.
Result<bool> is_gzip(std::string_view content_encoding);

// Decompresses gzip (RFC 1952; several members may follow each other) into `out`, at most `bytes_max` bytes.
// Errors: malformed_body (no gzip, cut short, wrong checksum), body_too_large.
Result<void> inflate_gzip(std::string_view gzip, std::size_t bytes_max, std::string& out);

}  // namespace temperature::http
