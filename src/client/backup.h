#pragma once

#include <string>

#include "client/http_client.h"
#include "client/run.h"

namespace temperature::client {

struct BackupOptions {
  HttpTarget target;
  std::string directory;  // absolute, on the service's machine
};

// Has the service make a backup, and waits until it is whole. Returns the exit code.
int backup(const BackupOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
