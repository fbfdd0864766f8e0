#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declare `keygen` and `token`, which talk to nobody; when one is given, `chosen` runs it. `chosen` outlives the
// parsing.
void add_keygen(CLI::App& app, std::function<int()>& chosen);
void add_token(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
