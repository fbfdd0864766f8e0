#pragma once

#include <optional>
#include <string>

#include "client/run.h"

namespace temperature::client {

struct ReplayOptions {
  Destination destination;
  std::string path;             // CSV, plain or gzip; "-" is standard input
  std::optional<double> speed;  // times real time, kSpeedMin..kSpeedMax; none: as fast as it goes
  bool rebase = false;          // move all times so that the last reading is of now, see rebase_shift()
};

// Sends the readings of a file. Lines that hold none are counted as rejected and named. Returns the exit
// code: 0 when the service has answered for every line, 1 when the file cannot be read to its end or the
// service failed, or when it was interrupted.
int replay(const ReplayOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
