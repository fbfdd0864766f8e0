#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace temperature::cli {

// Declares `status`, `resync`, `adopt` and `replace` below `group` (`mirror`); when one is given, `chosen` runs it.
// `chosen` outlives the parsing.
void add_mirror_orders(CLI::App& group, std::function<int()>& chosen);

}  // namespace temperature::cli
