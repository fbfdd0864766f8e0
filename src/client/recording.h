#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "base/error.h"
#include "client/byte_source.h"
#include "client/outgoing_reading.h"
#include "client/text_layout.h"
#include "client/time_reader.h"

namespace temperature::client {

// The readings of a file, one after the other: CSV with a header, or NDJSON (an object a line, as POST /v1/readings
// takes them, each with its time); plain or gzip; in the encoding that its byte order mark or the layout says. What it
// is shows in its first byte that is no space; where the layout says more than an encoding, it is CSV. One thread.
class Recording {
 public:
  // `file` and `hours` outlive this. `hours` and `pass`: as TimeReader has them.
  explicit Recording(ByteSource& file, TextLayout layout = {}, RepeatedHours* hours = nullptr,
                     TimeReader::Pass pass = TimeReader::Pass::only);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // Reads a CSV's header. Errors: empty, or a header that lacks something.
  Result<void> begin();

  // Moves to the next reading that there should be, in the same line or another; false at the end. REQUIRES: begin()
  // succeeded.
  Result<bool> next();

  [[nodiscard]] std::uint64_t line() const;

  // Readings that were passed over: their row has nothing where the value should be.
  [[nodiscard]] std::uint64_t without_value() const;

  // What the columns of the file were taken for; empty where its header alone says it.
  [[nodiscard]] std::string description() const;

  // The reading there, or why it is none. Its views live until the next call of next().
  [[nodiscard]] std::expected<OutgoingReading, std::string> reading();

 private:
  class Rows;
  class CsvRows;
  class JsonRows;
  struct Text;

  TextLayout layout_;
  RepeatedHours* hours_;
  TimeReader::Pass pass_;
  std::unique_ptr<Text> text_;
  std::unique_ptr<Rows> rows_;
};

}  // namespace temperature::client
