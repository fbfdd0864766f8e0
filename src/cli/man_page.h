#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace temperature::cli {

// The manual page of a command, for man(1): roff, UTF-8. The same facts as on its page of help, from the same
// declaration. `version` is what `--version` prints.
std::string man_page(const CLI::App& command, std::string_view version);

// Declares `man [COMMAND...] [--output DIR]`. `chosen` outlives the parsing.
void add_man(CLI::App& app, const std::string& version, std::function<int()>& chosen);

}  // namespace temperature::cli
