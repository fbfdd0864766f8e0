#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/byte_source.h"

namespace temperature::client {

struct Line {
  std::uint64_t number = 0;  // the first line is 1
  std::string_view text;     // without its end
  std::string_view problem;  // not empty: why there is no text; static
};

// The lines of a text that are not empty. Memory is bounded: a line longer than kRecordBytesMax is passed over, as a
// problem.
class LineReader {
 public:
  // `source` outlives this.
  explicit LineReader(ByteSource& source) : source_(source) {}

  // The next line, or false at the end. The views in `line` live until the next call. An error is the source's.
  Result<bool> next(Line& line);

 private:
  Result<bool> more();  // false: the source has ended

  ByteSource& source_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not handed out
  std::uint64_t number_ = 0;
};

}  // namespace temperature::client
