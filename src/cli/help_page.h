#pragma once

#include <string>

namespace CLI {
class App;
}

namespace temperature::cli {

// Columns of a page of help: lines are wrapped there.
inline constexpr std::size_t kHelpColumns = 100;

// What a command is for, how it is typed, and its flags by groups, with their types, defaults and variables of the
// environment; of one that has commands below it: these.
std::string help_page(const CLI::App* command);

// Has `app`, and every command that is added to it from then on, show such pages.
void use_help_pages(CLI::App& app);

}  // namespace temperature::cli
