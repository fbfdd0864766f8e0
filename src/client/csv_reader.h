#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "client/byte_source.h"

namespace temperature::client {

struct CsvRow {
  std::uint64_t line = 0;                // where the record begins; the first line is 1
  std::vector<std::string_view> fields;  // unquoted
  std::string_view problem;              // not empty: why the line is no CSV; static text, no fields
};

// The records of a CSV text (RFC 4180, with the delimiter that it has; lines may end in LF or CRLF, a byte order mark
// is skipped, empty lines too). Memory is bounded: a record longer than kRecordBytesMax is a problem row. After a
// problem row reading goes on at the line that follows its first one, so that a stray quote costs one line.
class CsvReader {
 public:
  // `source` outlives this. `delimiter`: ASCII, no quote and no line end.
  explicit CsvReader(ByteSource& source, char delimiter = ',');

  // Passes over lines, empty ones counted, whatever is in them. REQUIRES: next() was not called yet.
  Result<void> skip_lines(std::uint64_t count);

  // The next record, or false at the end. The views in `row` live until the next call. An error is the source's.
  Result<bool> next(CsvRow& row);

 private:
  struct Extent {
    std::size_t length = 0;  // of the record, its line end not counted
    std::size_t lines = 1;
  };

  [[nodiscard]] std::string_view waiting() const { return {buffer_.data() + begin_, end_ - begin_}; }
  Result<bool> more();  // false: the source has ended
  Result<std::size_t> first_line(std::string_view& problem);
  Result<Extent> quoted_extent(std::string_view& problem);
  Result<void> skip_byte_order_mark();
  Result<void> skip_line();
  void split(std::size_t length, std::vector<std::string_view>& fields);
  void split_quoted(std::size_t length, std::vector<std::string_view>& fields);
  void consume(std::size_t length, std::size_t lines);

  ByteSource& source_;
  const char delimiter_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 1;
  bool begun_ = false;
};

}  // namespace temperature::client
