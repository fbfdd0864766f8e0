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

// Decompresses gzip (RFC 1952; several members may follow each other) into `out`, at most `bytes_max` bytes.
// Errors: malformed_body (no gzip, cut short, wrong checksum), body_too_large.
Result<void> inflate_gzip(std::string_view gzip, std::size_t bytes_max, std::string& out);

}  // namespace temperature::http
