#pragma once

#include <string>

#include "config/settings.h"

namespace temperature::app {

// Serves until SIGTERM or SIGINT. Returns the process's exit status: 0 after an orderly end, 1 when it could
// not start, 2 when that is for a setting; the reason is on standard error then.
int serve(const config::Settings& settings, const std::string& version);

}  // namespace temperature::app
