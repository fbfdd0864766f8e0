#pragma once

#include <string>
#include <string_view>

#include "telemetry/log.h"

#include "config/settings.h"

namespace temperature::app {

// Runs the service until SIGTERM or SIGINT. Returns the exit code: 0 after an orderly end, 1 when it could not start,
// 2 when that is for a setting. The reason is in the log then: standard error gets nothing but lines of the log.
int serve(const config::Settings& settings, const std::string& version);

// Says in a log of this format why there is nothing to be served: flags that cannot be.
void say_why_not(config::LogFormat format, const telemetry::LogSource& source, std::string_view why);

}  // namespace temperature::app
