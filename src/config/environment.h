#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/settings.h"

namespace CLI {
class App;
}

namespace temperature::config {

// Names of the environment that flags of this command and of all below it are taken from.
std::vector<std::string> variables_of(CLI::App& command);

// One line for each variable TEMPERATURE_... that no flag is taken from, with the name that is nearest. Those that
// begin with TEMPERATURE_SERVICE_ are left alone: Kubernetes sets them for a Service of that name. `environment`:
// "NAME=value" each.
std::vector<std::string> unknown_variables(std::span<const char* const> environment,
                                           std::span<const std::string> known);

// Takes what Sentry's own clients are told by: SENTRY_DSN, unless a flag gives the same, SENTRY_ENVIRONMENT and
// SENTRY_RELEASE. Error usage: SENTRY_DSN and a flag differ. The text shows neither.
Result<void> apply_sentry_variables(std::span<const char* const> environment, Flags& flags);

// What a variable has; empty: nothing.
std::string variable_of(std::span<const char* const> environment, std::string_view name);

// That of this process. Must not run while another thread changes it.
std::span<const char* const> process_environment();

}  // namespace temperature::config
