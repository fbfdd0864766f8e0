#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// `audit [verify]`. `chosen` becomes what it runs, and outlives the parsing.
void add_audit(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
