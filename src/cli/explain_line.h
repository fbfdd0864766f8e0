#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// `explain-line LINE`: what the service would make of a line of line protocol, and why.
void add_explain_line(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
