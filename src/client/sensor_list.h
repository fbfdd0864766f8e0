#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "base/error.h"
#include "client/byte_source.h"
#include "client/registrar.h"

namespace temperature::client {

// A row of a list of sensors that are to be registered.
struct ListedSensor {
  std::string id;
  std::string public_key_file;  // empty: the registration has the key
  Registration registration;    // one key; without its text where a file has it
};

// Reads a CSV file with a header: `sensor` (or `id`) and `public_key_file` or `public_key` (PEM or JWK), and where
// there are `kid`, `building`, `room` and `quantities` (several with ";" between them). The columns of a reading's
// fields may have any of their names (model/field_names.h), and letters may be in either case. Any other column is an
// error, as are two of one meaning: one that is misspelt would otherwise allow more than was meant.
//
// `take` gets the number of each row's line, and the sensor or why there is none; it returns false to end it. Errors:
// the header, the source's, and more than kListedSensorsMax rows.
using TakeListedSensor = std::function<bool(std::uint64_t line, std::expected<ListedSensor, std::string>)>;
Result<void> read_sensor_list(ByteSource& source, const TakeListedSensor& take);

}  // namespace temperature::client
