#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace temperature::app {

// Runs the service until SIGTERM or SIGINT; returns the exit code. Says why in the log when it cannot start: standard
// error gets nothing but lines of the log.
int serve(const config::Settings& settings, const std::string& version);

// Says in a log of this format why there is nothing to be served: flags that cannot be.
void say_why_not(config::LogFormat format, std::string_view why);

}  // namespace temperature::app
