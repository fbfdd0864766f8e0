#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

// What there is to tell of a command, as its declaration has it: for the page of help, the manual page and completion.
namespace temperature::cli {

// "temperature-service sensor add": a command as it is typed, with `between` its words.
std::string path_of(const CLI::App* command, std::string_view between = " ");

// "temperature-service import FILE [FLAGS]"
std::string usage_of(const CLI::App& command);

bool takes_value(const CLI::Option& option);

// What its value is: FILE, DIR, DURATION, csv|ndjson ... Of an argument: its name.
std::string option_type(const CLI::Option& option);

// "-o,--output FILE", "DIR"
std::string option_name(const CLI::Option& option);

// What it is for, with its default and its variable of the environment.
std::string option_text(const CLI::Option& option);

// Options and commands live as long as their command.
struct OptionGroup {
  std::string title;
  std::vector<const CLI::Option*> options;
};

// Arguments first, then flags by their titles. No group is empty.
std::vector<OptionGroup> option_groups(const CLI::App& command);

struct CommandGroup {
  std::string title;
  std::vector<const CLI::App*> commands;
};

// The commands below `command`. No group is empty; those that no group knows come last.
std::vector<CommandGroup> command_groups(const CLI::App& command);

}  // namespace temperature::cli
