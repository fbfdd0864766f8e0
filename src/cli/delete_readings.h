#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `delete`, which has a running service delete readings after it said how many, and asked; when it is given,
// `chosen` runs it. `chosen` outlives the parsing.
void add_delete(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
