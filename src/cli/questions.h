#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declare `rooms`, `average` and `history`, which ask a running service; when one is given, `chosen` runs it. `chosen`
// outlives the parsing.
void add_rooms(CLI::App& app, std::function<int()>& chosen);
void add_average(CLI::App& app, std::function<int()>& chosen);
void add_history(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
