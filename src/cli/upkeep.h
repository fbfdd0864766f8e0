#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `backup`, `restore` and `verify`; when one is given, `chosen` runs it. `chosen` outlives the parsing.
void add_backup(CLI::App& app, std::function<int()>& chosen);
void add_restore(CLI::App& app, std::function<int()>& chosen);
void add_verify(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
