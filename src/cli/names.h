#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `names`; when it is given, `chosen` runs it. `chosen` outlives the parsing.
void add_names(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
