#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace temperature::cli {

// What a command ends with: 0 when all was done.
inline constexpr int kExitFailed = 1;  // it was tried, and not done, or not all of it: a row refused, a room unknown
inline constexpr int kExitUsage = 2;   // the words of the command line cannot be used; nothing was tried

int exit_code_of(const Error& error);

// What the parser threw: prints the help or the version that was asked for, or says in one line what is wrong with
// `arguments`, with the nearest word to one that is unknown, and where there is help. Returns the exit code. With `say`
// the line goes there.
int explain_usage(const CLI::App& app, const CLI::ParseError& thrown, std::span<char* const> arguments,
                  const std::function<void(const std::string&)>& say = {});

// Calls `show` with the command below `app` that `words` name and returns 0; else says which word is unknown and
// returns the exit code.
int with_command(const CLI::App& app, const std::vector<std::string>& words,
                 const std::function<void(const CLI::App&)>& show);

// Declare `help [COMMAND...]` and `version`. `chosen` outlives the parsing.
void add_help(CLI::App& app, std::function<int()>& chosen);
void add_version(CLI::App& app, const std::string& version, std::function<int()>& chosen);

}  // namespace temperature::cli
