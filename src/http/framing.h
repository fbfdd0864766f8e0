#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes of a request's body as it is sent; a larger one is refused (body_too_large).
inline constexpr std::size_t kBodyBytesMax = 32 * kMiB;
// Empty lines before a request that are passed over; with more it is refused (malformed_request).
inline constexpr std::size_t kEmptyLinesMax = 16;

}  // namespace temperature::limits

namespace temperature::http {

// How the end of a request's body is known.
struct Framing {
  enum class End : std::uint8_t {
    unsaid,  // neither length nor coding: the request has no body
    length,
    chunked,
  };
  End end = End::unsaid;
  std::uint64_t length = 0;  // with End::length; at most limits::kBodyBytesMax
};

// What a head says about its body. The values are without the blanks around them.
struct FramingFields {
  bool http_1_1 = true;                // else HTTP/1.0
  std::size_t lengths = 0;             // how many Content-Length fields there are
  std::string content_length;          // the last of them
  std::size_t transfer_encodings = 0;  // how many Transfer-Encoding fields there are
  std::string transfer_encoding;       // the last of them
};

// Decides it by RFC 9112, sections 6.1 to 6.3. Whoever reads another length than a proxy in front takes a part of one
// sender's body for another's request, so everything that may be understood in two ways is refused: both fields at
// once, a field twice, a list of lengths, "chunked" with anything beside it. Errors, after each of which the connection
// has to be closed: malformed_request, unsupported_transfer_coding, body_too_large.
Result<Framing> framing_of(const FramingFields& fields);

}  // namespace temperature::http
