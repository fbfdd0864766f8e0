#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `mirror` and its commands; when one is given, `chosen` runs it. `chosen` outlives the parsing.
void add_mirror(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
