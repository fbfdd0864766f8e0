#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace temperature::limits {

// Bytes of an answer from which it is compressed for who asks for that; a smaller one gains nothing.
inline constexpr std::size_t kGzipBytesMin = 1'024;
// Answers in pieces that are compressed at once; a further one is sent as it is.
inline constexpr std::size_t kGzipStreamsMax = 256;

}  // namespace temperature::limits

namespace temperature::http {

// Whether Accept-Encoding (RFC 9110, section 12.5.3), one list of all such fields, asks for gzip: it names gzip, x-gzip
// or *, with a weight that is neither 0 nor below that of identity.
bool asks_for_gzip(std::string_view accept_encoding);

// Whether an answer gains by compression: text of the kinds that the service makes, large or in pieces, not compressed
// yet, to a question. What others send are short answers, and some of them have secrets in them.
bool is_compressible(const Request& request, const Response& response);

// Compresses one body, at once or in pieces (RFC 1952). Some 64 KiB while it lives. One thread at a time.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  // Puts the compressed bytes in the place of `body`, all of them: what was taken can be read without what follows.
  // `last`: nothing follows. Throws std::bad_alloc for want of memory.
  void compress(std::string& body, bool last);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace temperature::http
