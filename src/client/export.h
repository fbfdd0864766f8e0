#pragma once

#include <optional>
#include <string>

#include "client/http_client.h"
#include "client/run.h"

namespace temperature::client {

enum class ExportFormat : std::uint8_t { csv, ndjson };

// Which readings; what is left out does not narrow it. Texts as the service's interface takes them.
struct ExportOptions {
  HttpTarget target;
  std::string building;
  std::string room;
  std::string sensor;
  std::string quantity;
  std::string from;
  std::string to;
  ExportFormat format = ExportFormat::csv;
  std::string path = "-";  // "-": standard output; ".gz" at its end: gzip
};

// Writes the readings of all rooms to a file, room after room, each quantity in order of time: a file that `import` and
// `replay` read. A stream that breaks is taken up where it broke. What the service cannot read is named, and the rest
// is written. Returns the exit code: 0 when everything was written.
int export_readings(const ExportOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
