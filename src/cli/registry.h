#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declare `sensor add|import|list|revoke|rotate` and `key create|list|revoke`, which ask a running service; when one is
// given, `chosen` runs it. `chosen` outlives the parsing.
void add_sensor(CLI::App& app, std::function<int()>& chosen);
void add_key(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
