#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `health`, which asks a running service whether it is ready; when it is given, `chosen` runs it. `chosen`
// outlives the parsing.
void add_health(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
