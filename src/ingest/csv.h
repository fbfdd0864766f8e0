#pragma once

#include <string>

#include "base/error.h"
#include "ingest/raw_reading.h"

namespace temperature::ingest {

// Reads readings from CSV whose header names the columns, in any order: room, sensor and value; building, quantity,
// timestamp and unit where there are; building_id, room_id and sensor_id mean the same. Other columns are passed over.
// An empty field is one that is not given. timestamp is whole milliseconds since 1970 or RFC 3339.
//
// Every row is in parsed.readings or counted in parsed.rejected_count; its index counts rows from 0, the header not
// counted. The views point into the body, in which doubled quotes are undone: a body is good for one call. Errors:
//   malformed_body     no header, or one without room, sensor and value, or with a column twice
//   too_many_readings  more than limits::kReadingsPerBatchMax
Result<void> parse_csv(std::string& body, Parsed& parsed);

}  // namespace temperature::ingest
