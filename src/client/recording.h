#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "base/error.h"
#include "client/byte_source.h"
#include "client/outgoing_reading.h"

namespace temperature::client {

// The readings of a file, one after the other: CSV with a header, or NDJSON (an object a line, as POST /v1/readings
// takes them); plain or gzip. What it is shows in its first byte that is no space. One thread.
class Recording {
 public:
  // `file` outlives this.
  explicit Recording(ByteSource& file);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // Reads a CSV's header. Errors: empty, or a header that lacks something.
  Result<void> begin();

  // Moves to the next line that should hold a reading; false at the end. REQUIRES: begin() succeeded.
  Result<bool> next();

  [[nodiscard]] std::uint64_t line() const;

  // The reading there, or why it is none. Its views live until the next call of next().
  [[nodiscard]] std::expected<OutgoingReading, std::string> reading();

 private:
  class Rows;
  class CsvRows;
  class JsonRows;
  struct Text;

  std::unique_ptr<Text> text_;
  std::unique_ptr<Rows> rows_;
};

}  // namespace temperature::client
