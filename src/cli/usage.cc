#include "cli/usage.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/printable.h"
#include "cli/command_parts.h"
#include "cli/help_page.h"
#include "postgres/masked.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kWordBytesMax = 100;

// What others call it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kOtherWords{{
    {"start", "serve"},
    {"run", "serve"},
    {"server", "serve"},
    {"rm", "revoke"},
    {"remove", "revoke"},
    {"delete", "revoke"},
    {"new", "add"},
    {"register", "add"},
    {"show", "list"},
    {"dump", "export"},
    {"load", "import"},
}};

// A word that no command and no flag of `command` is.
struct Unknown {
  const CLI::App* command;
  std::string word;
};

const CLI::App* chosen_below(const CLI::App* command) {
  const auto chosen = command->get_subcommands();
  return chosen.empty() ? nullptr : chosen.front();
}

const CLI::App* deepest(const CLI::App* command) {
  while (const CLI::App* below = chosen_below(command)) command = below;
  return command;
}

std::optional<Unknown> first_unknown(const CLI::App& app) {
  for (const CLI::App* command = &app; command != nullptr; command = chosen_below(command)) {
    for (std::string& word : command->remaining()) {
      if (word != "--") return Unknown{command, std::move(word)};
    }
  }
  return std::nullopt;
}

std::string shown(std::string_view word) {
  return printable(postgres::masked(word), kWordBytesMax);
}

std::vector<std::string> commands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* below : command.get_subcommands(nullptr)) {
    names.push_back(below->get_name());
    std::ranges::copy(below->get_aliases(), std::back_inserter(names));
  }
  return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->nonpositional()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string command_meant(const CLI::App& command, std::string_view word) {
  const auto names = commands_of(command);
  for (const auto& [other, ours] : kOtherWords) {
    if (word == other && std::ranges::find(names, ours) != names.end()) return std::string(ours);
  }
  return nearest_word(word, names);
}

std::string text_of(const Unknown& unknown) {
  const auto& [command, word] = unknown;
  if (word.starts_with('-')) {
    const std::string flag = word.substr(0, word.find('='));
    const CLI::App* below = deepest(command);
    if (below != command && below->get_option_no_throw(flag) != nullptr) {
      return fmt::format("{} stands before the command that it is of; write it behind \"{}\"", shown(flag),
                         below->get_name());
    }
    return fmt::format("{} has no flag {}{}", path_of(command), shown(flag), did_you_mean(flag, flags_of(*command)));
  }
  if (command->get_subcommands(nullptr).empty()) {
    return fmt::format("{} has no use for the word \"{}\"", path_of(command), shown(word));
  }
  const std::string meant = command_meant(*command, word);
  const std::string hint = meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant);
  return fmt::format("{} has no command \"{}\"{}", path_of(command), shown(word), hint);
}

// What CLI11 says, as a sentence. `command` is the one that was being read.
std::string text_of(const CLI::ParseError& thrown, const CLI::App& command) {
  const std::string text = thrown.what();
  const auto name = [&](std::string_view before) { return text.substr(0, text.find(before)); };
  if (dynamic_cast<const CLI::RequiredError*>(&thrown) != nullptr) {
    return fmt::format("{} needs {}", path_of(&command), name(" is required"));
  }
  if (dynamic_cast<const CLI::ValidationError*>(&thrown) != nullptr) {
    const std::string flag = name(": ");
    return text.substr(flag.size()).starts_with(": must ") ? flag + text.substr(flag.size() + 1) : shown(text);
  }
  constexpr std::string_view kConvert = "Could not convert: ";
  if (text.starts_with(kConvert)) {
    const auto equals = std::min(text.find(" = "), text.size());
    const CLI::Option* option = command.get_option_no_throw(text.substr(kConvert.size(), equals - kConvert.size()));
    if (option != nullptr && option->get_items_expected_max() == 0)
      return option->get_name() + " must be true or false";
    return fmt::format("{} must be a whole number, not \"{}\"", text.substr(kConvert.size(), equals - kConvert.size()),
                       shown(std::string_view(text).substr(std::min(equals + 3, text.size()))));
  }
  if (text.contains("Should be true/false")) return name(": ") + " must be true or false";
  if (text.contains(": 1 required ")) return name(": ") + " needs a value";
  if (text.contains(": At Most 1 required")) return name(": ") + " is given more than once";
  return shown(text);
}

// Where the value came from, when not from the command line.
std::string from_environment(const CLI::App& command, std::string_view text, std::span<char* const> arguments) {
  const std::string flag(text.substr(0, text.find(' ')));
  const CLI::Option* option = flag.starts_with("--") ? command.get_option_no_throw(flag) : nullptr;
  if (option == nullptr || option->get_envname().empty() || std::getenv(option->get_envname().c_str()) == nullptr) {
    return {};
  }
  const bool given = std::ranges::any_of(
      arguments, [&](const char* word) { return word == flag || std::string_view(word).starts_with(flag + "="); });
  return given ? "" : fmt::format(" ({} of the environment says so)", option->get_envname());
}

int refuse_usage(const CLI::App& command, std::string_view text) {
  const std::string path = path_of(&command);
  const auto blank = path.find(' ');
  fmt::print(stderr, "temperature-service: {}\nTry: temperature-service help{}\n", text,
             blank == std::string::npos ? "" : path.substr(blank));
  return kExitUsage;
}

}  // namespace

int with_command(const CLI::App& app, const std::vector<std::string>& words,
                 const std::function<void(const CLI::App&)>& show) {
  const CLI::App* command = &app;
  for (const std::string& word : words) {
    const auto named = command->get_subcommands([&](const CLI::App* below) { return below->check_name(word); });
    if (named.empty()) return refuse_usage(*command, text_of(Unknown{command, word}));
    command = named.front();
  }
  show(*command);
  return 0;
}

int exit_code_of(const Error& error) {
  return error.code == ErrorCode::usage ? kExitUsage : kExitFailed;
}

int explain_usage(const CLI::App& app, const CLI::ParseError& thrown, std::span<char* const> arguments,
                  const std::function<void(const std::string&)>& say) {
  const CLI::App* command = deepest(&app);
  const auto unknown = first_unknown(app);
  const bool wants_command = !command->get_subcommands(nullptr).empty();
  if (thrown.get_exit_code() == 0 && !(unknown && wants_command)) return app.exit(thrown);
  const auto refuse = [&say](const CLI::App& its, const std::string& text) {
    if (!say) return refuse_usage(its, text);
    say(text);
    return kExitUsage;
  };
  if (unknown) return refuse(*unknown->command, text_of(*unknown));
  if (wants_command && dynamic_cast<const CLI::RequiredError*>(&thrown) != nullptr) {
    fmt::print(stderr, "{}", help_page(command));
    return kExitUsage;
  }
  const std::string text = text_of(thrown, *command);
  return refuse(*command, text + from_environment(*command, text, arguments));
}

void add_help(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("help", "what there is, or what a command takes");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("COMMAND", *words, "the command");
  command->callback([&app, words, &chosen] {
    chosen = [&app, words] {
      return with_command(app, *words, [](const CLI::App& named) { fmt::print("{}", help_page(&named)); });
    };
  });
}

void add_version(CLI::App& app, const std::string& version, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("version", "which version this is");
  command->callback([version, &chosen] {
    chosen = [version] {
      fmt::print("{}\n", version);
      return 0;
    };
  });
}

}  // namespace temperature::cli
