#pragma once

#include <string>

#include "base/error.h"
#include "config/settings.h"

namespace CLI {
class App;
}

namespace temperature::config {

// Declares the flags of `serve` on `command`, each also as the environment variable TEMPERATURE_<FLAG>.
// `flags` must live as long as `command`.
void declare_serve_flags(CLI::App& command, Flags& flags);

// Those of them that say what lines of line protocol mean; part of the above.
void declare_line_flags(CLI::App& command, Flags& flags);

// Takes from the TOML file --config what neither flag nor environment gave. Error startup: the file cannot be read.
// Error usage: it is no TOML, or has a key that is not a flag; then it names the nearest.
Result<void> apply_config_file(CLI::App& command, Flags& flags);

// Whether the command line or the environment asks for a log in JSON: what is known when the flags could not be read.
bool asks_for_json_log(const CLI::App& command);

// All flags with their defaults, as such a file.
std::string default_config(const CLI::App& command);

// The one among the flags that is spelled most like `key`.
std::string nearest_flag(const CLI::App& command, const std::string& key);

}  // namespace temperature::config
