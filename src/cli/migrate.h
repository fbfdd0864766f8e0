#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `migrate`, which makes the mirror's tables, or brings them up to date. `chosen` becomes what it runs, and
// outlives the parsing.
void add_migrate(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
