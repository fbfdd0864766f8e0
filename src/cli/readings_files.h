#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `export` and `import`; when one is given, `chosen` runs it. `chosen` outlives the parsing.
void add_export(CLI::App& app, std::function<int()>& chosen);
void add_import(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
