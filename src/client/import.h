#pragma once

#include <string>
#include <vector>

#include "client/run.h"

namespace temperature::client {

struct ImportOptions {
  Destination destination;
  std::vector<std::string> paths;  // CSV or NDJSON, plain or gzip; "-" is standard input
};

// Sends the readings of files, one after the other, as fast as it goes. Whoever repeats it, all or in part, changes
// nothing: what is there already counts as duplicate. A summary for each file. Returns the exit code: 0 when the
// service has answered for every line of all files.
int import_readings(const ImportOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
