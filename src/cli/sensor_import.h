#pragma once

#include <string>

#include "cli/replay_destination.h"

namespace temperature::cli {

struct SensorImportFlags {
  std::string path;  // "-" is standard input
  bool dry_run = false;
  bool replace = false;
};

// Registers the sensors of a file, row by row, and says what became of each row. A sensor that is registered just so is
// passed over; one that is registered otherwise is refused, unless `replace`. A dry run asks and checks the same and
// changes nothing. `json`: an object a line, each refused row and then the sums. Returns the exit code: 0 when no row
// was refused.
int import_sensors(const SensorImportFlags& flags, const ServiceFlags& service, bool json);

}  // namespace temperature::cli
