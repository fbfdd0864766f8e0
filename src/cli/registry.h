#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declare `sensor add|import|list|revoke|rotate` and `key add|list|revoke`, which ask a running service; when one is
// given, `chosen` runs it. `chosen` outlives the parsing.
void add_sensor(CLI::App& app, std::function<int()>& chosen);
void add_key(CLI::App& app, std::function<int()>& chosen);

// Says on a terminal what was revoked ("revoked key 7f3a"), and as JSON when that was asked for; elsewhere nothing.
// `name`: by which it was found, when not by its id. Returns the exit code.
int print_revoked(std::string_view what, const std::string& id, const std::string& name, bool json);

}  // namespace temperature::cli
