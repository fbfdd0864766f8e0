#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "ingest/json_reading.h"
#include "ingest/json_tokens.h"
#include "ingest/raw_reading.h"
#include "model/unknown_fields.h"

namespace temperature::ingest {

// Reads readings from JSON (RFC 8259):
//   {"building","room","sensor","quantity","timestamp","value","unit"}
// and other spellings of these (field_names.h). room, sensor and value are required; null is the same as not given.
// timestamp is whole milliseconds since 1970 or a string that read_time() takes; value a number, or a string with one
// as CSV has it. A known field that stands twice, or under two names of one kind with two values, is field_repeated. A
// word for a time or a unit that is not taken is field_unknown; so is an unknown field where they are refused. Else
// those are ignored, once they are known to be JSON. Keys are compared as what they mean, escapes undone.
//
// A byte order mark is passed over. In an array, NaN and Infinity (is_not_finite) refuse their reading alone.
//
// Every reading of a body ends up in parsed.readings or is counted in parsed.rejected_count. Views in
// `parsed` point into the body, in which escapes are replaced in place: a body is good for one call.
//
// Not thread-safe: one for each thread, used again and again.
class JsonParser {
 public:
  explicit JsonParser(UnknownFields unknown_fields = UnknownFields::ignore) : reader_(unknown_fields) {}

  // One object, or an array of objects. On an error nothing is parsed:
  //   malformed_json     any byte of it is no JSON, or nested deeper than limits::kJsonDepthMax
  //   too_many_readings  more than limits::kReadingsPerBatchMax
  //   overloaded         no memory
  Result<void> parse(std::string& body, Parsed& parsed);

  // NDJSON: one object a line, CRLF allowed; blank lines are passed over and count in no index. A line
  // that is no JSON is a rejected reading and harms no other line. Errors: too_many_readings, overloaded.
  Result<void> parse_lines(std::string& body, Parsed& parsed);

 private:
  bool read_body(JsonCursor& cursor, Parsed& parsed);
  bool read_array(JsonCursor& cursor, Parsed& parsed);
  bool read_line(JsonCursor& cursor, std::uint32_t index, Parsed& parsed);
  Result<void> read_whole_lines(std::string& body, std::span<std::uint32_t> tokens, Parsed& parsed);
  Result<void> read_broken_lines(std::string& body, Parsed& parsed);

  JsonTokens tokens_;
  JsonReadingReader reader_;
};

}  // namespace temperature::ingest
