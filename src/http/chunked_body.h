#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes behind the sizes of one body's chunks, blanks and extensions; with more it is refused (malformed_request).
inline constexpr std::size_t kChunkExtensionBytesMax = 16 * kKiB;
// Bytes of the fields behind a body in chunks; with more it is refused (headers_too_large).
inline constexpr std::size_t kTrailerBytesMax = 16 * kKiB;

}  // namespace temperature::limits

namespace temperature::http {

// Reads a body in chunks (RFC 9112, section 7.1) as its bytes come, however they are cut. Blanks behind a size are
// taken, as "bad white space" that senders pad with; extensions and trailers are passed over, within bounds. Lines end
// with CRLF and nothing else, because a bare LF or CR is where two readers of the same bytes part. Not thread-safe.
class ChunkedBody {
 public:
  // Makes ready for the next body.
  void start() { *this = ChunkedBody(); }

  // Takes from the front of `bytes` what belongs to the body, all of them until it is whole, and appends its data to
  // `body`, which may have limits::kBodyBytesMax bytes. True: the body is whole. Errors: malformed_request,
  // body_too_large, headers_too_large (the trailers); the object is of no use then until start().
  Result<bool> take(std::string_view& bytes, std::string& body);

 private:
  enum class State : std::uint8_t {
    size,       // its digits
    padding,    // blanks behind the digits
    extension,  // what follows a ";"
    size_end,   // CR was read
    data,
    data_cr,
    data_end,  // CR was read
    trailer,   // the first byte of a line behind the last chunk
    trailer_name,
    trailer_value,
    trailer_end,  // CR was read
    body_end,     // CR of the empty line was read
    whole,
  };

  void take_data(std::string_view& bytes, std::string& body);
  Result<void> step(char c, std::size_t body_bytes);
  Result<void> step_size_line(char c, std::size_t body_bytes);
  Result<void> step_trailer(char c);
  Result<void> add_digit(std::uint64_t digit, std::size_t body_bytes);

  State state_ = State::size;
  std::uint64_t size_ = 0;  // of the chunk; in State::data: what is missing of it
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace temperature::http
