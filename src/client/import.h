#pragma once

#include <string>
#include <vector>

#include "client/run.h"
#include "client/text_layout.h"

namespace temperature::client {

struct ImportOptions {
  Destination destination;
  std::vector<std::string> paths;  // CSV or NDJSON, plain or gzip; "-" is standard input
  TextLayout layout;               // of all of them
};

// Sends the readings of files, one after the other, as fast as it goes. Whoever repeats it, all or in part, changes
// nothing: what is there already counts as duplicate. A summary for each file. Returns the exit code: 0 when every
// reading of all files is stored, 1 when the service failed, a file cannot be read, or readings were refused.
int import_readings(const ImportOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
