#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::http {

// Decompresses gzip (RFC 1952; several members may follow each other) into `out`, at most `bytes_max` bytes.
// Errors: malformed_body (no gzip, cut short, wrong checksum), body_too_large.
Result<void> inflate_gzip(std::string_view gzip, std::size_t bytes_max, std::string& out);

}  // namespace temperature::http
