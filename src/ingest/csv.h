#pragma once

#include <string>

#include "base/error.h"
#include "ingest/raw_reading.h"
#include "model/unknown_fields.h"

namespace temperature::ingest {

// Reads readings from CSV whose header names the columns, in any order: room, sensor and value; building, quantity,
// timestamp and unit where there are, and other spellings of these (field_names.h), blanks around them or not. Other
// columns are passed over, unless they are refused. An empty field is one that is not given. timestamp is whole
// milliseconds since 1970 or what read_time() takes; blanks around it and the value are no part of them. A byte order
// mark is passed over.
//
// Every row is in parsed.readings or counted in parsed.rejected_count; its index counts rows from 0, the header not
// counted. The views point into the body, in which doubled quotes are undone: a body is good for one call. Errors:
//   malformed_body     no header, or one that CsvHeader does not take
//   too_many_readings  more than limits::kReadingsPerBatchMax
Result<void> parse_csv(std::string& body, Parsed& parsed, UnknownFields unknown_fields = UnknownFields::ignore);

}  // namespace temperature::ingest
