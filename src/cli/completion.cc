#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "cli/choices.h"
#include "cli/command_parts.h"

namespace temperature::cli {
namespace {

constexpr std::string_view kCommandArgument = "COMMAND";  // of help and man: a command's words

// Where on a command line the word that is being typed stands.
struct Place {
  const CLI::App* command;            // the one whose words these are
  const CLI::Option* flag = nullptr;  // whose value is being typed
  const CLI::App* named = nullptr;    // what the words of help and man name so far
  std::size_t arguments = 0;          // how many stand before it
  bool only_arguments = false;        // behind "--"
};

const CLI::Option* flag_of(const CLI::App& command, std::string_view word) {
  return command.get_option_no_throw(std::string(word.substr(0, word.find('='))));
}

const CLI::App* command_below(const CLI::App& command, const std::string& word) {
  const auto named = command.get_subcommands([&](const CLI::App* below) { return below->check_name(word); });
  return named.empty() ? nullptr : named.front();
}

// The argument that is the next one; the last one may be many.
const CLI::Option* argument_at(const CLI::App& command, std::size_t number) {
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    if (number == 0 || option->get_items_expected_max() > 1) return option;
    --number;
  }
  return nullptr;
}

void pass(Place& place, const CLI::App& app, const std::string& word) {
  if (place.flag != nullptr) {
    if (word != "=") place.flag = nullptr;  // bash makes three words of --format=csv
    return;
  }
  if (!place.only_arguments && word.starts_with('-')) {
    place.only_arguments = word == "--";
    const CLI::Option* flag = flag_of(*place.command, word);
    if (flag != nullptr && takes_value(*flag) && !word.contains('=')) place.flag = flag;
    return;
  }
  if (const CLI::App* below = command_below(*place.command, word)) {
    place = {.command = below, .only_arguments = place.only_arguments};
    return;
  }
  const CLI::Option* argument = argument_at(*place.command, place.arguments);
  if (argument != nullptr && option_type(*argument) == kCommandArgument) {
    place.named = command_below(place.named == nullptr ? app : *place.named, word);
  }
  ++place.arguments;
}

void add_word(Completion& found, std::string_view begin, std::string word, std::string about) {
  if (word.starts_with(begin)) found.words.push_back({std::move(word), std::move(about)});
}

void add_command_words(Completion& found, std::string_view begin, const CLI::App& command) {
  for (const CLI::App* below : command.get_subcommands(nullptr)) {
    add_word(found, begin, below->get_name(), below->get_description());
  }
}

void add_flag_words(Completion& found, std::string_view begin, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_snames()) add_word(found, begin, "-" + name, option->get_description());
    for (const std::string& name : option->get_lnames()) add_word(found, begin, "--" + name, option->get_description());
  }
}

// Values are told by their type: FILE, DIR, or csv|ndjson. Of others nothing is known.
Completion values_of(const CLI::Option& option, std::string_view begin, const std::string& before = "") {
  const std::string type = option_type(option);
  if (type == "FILE" || type == "OUT") return {.kind = Completion::Kind::files, .words = {}};
  if (type == "DIR") return {.kind = Completion::Kind::folders, .words = {}};
  Completion found;
  if (!type.contains('|')) return found;
  for (const std::string& choice : CLI::detail::split(type, '|')) {
    if (choice.starts_with(begin)) found.words.push_back({before + choice, ""});
  }
  return found;
}

std::string line_of(std::string_view shell, const Completion::Word& found) {
  if (shell == "fish") return fmt::format("{}\t{}", found.word, found.about);
  if (shell == "zsh") {  // where ":" begins the description
    const std::string word = CLI::detail::find_and_replace(found.word, ":", "\\:");
    return found.about.empty() ? word : fmt::format("{}:{}", word, found.about);
  }
  return found.word;
}

// The kind, then a word a line.
void print_completion(std::string_view shell, const Completion& found) {
  constexpr std::string_view kNames[] = {"words", "files", "folders"};
  fmt::print("{}\n", kNames[std::to_underlying(found.kind)]);
  for (const Completion::Word& word : found.words) fmt::print("{}\n", line_of(shell, word));
}

struct CompletionFlags {
  std::string shell;
  std::vector<std::string> words;
};

}  // namespace

Completion complete(const CLI::App& app, std::span<const std::string> words) {
  Place place{.command = &app};
  if (words.empty()) return {};
  for (const std::string& word : words.first(words.size() - 1)) pass(place, app, word);
  std::string_view begin = words.back();
  if (place.flag != nullptr) return values_of(*place.flag, begin == "=" ? std::string_view() : begin);
  const auto equals = begin.find('=');
  if (begin.starts_with('-') && !place.only_arguments) {
    if (equals != std::string_view::npos) {
      const CLI::Option* flag = flag_of(*place.command, begin);
      if (flag == nullptr) return {};
      return values_of(*flag, begin.substr(equals + 1), std::string(begin.substr(0, equals + 1)));
    }
    Completion found;
    add_flag_words(found, begin, *place.command);
    return found;
  }
  Completion found;
  add_command_words(found, begin, *place.command);
  const CLI::Option* argument = argument_at(*place.command, place.arguments);
  if (argument != nullptr && option_type(*argument) == kCommandArgument) {
    if (place.arguments == 0) add_command_words(found, begin, app);
    if (place.named != nullptr) add_command_words(found, begin, *place.named);
  } else if (argument != nullptr) {
    return values_of(*argument, begin);
  } else if (found.words.empty() && begin.empty()) {
    add_flag_words(found, begin, *place.command);
  }
  return found;
}

void add_completion(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("completion", "the script that has a shell complete this program's commands");
  const auto flags = std::make_shared<CompletionFlags>();
  command->add_option("SHELL", flags->shell, "the shell: bash, zsh or fish")
      ->check(one_of({"bash", "zsh", "fish"}))
      ->required();
  command->add_option("WORD", flags->words, "what stands behind -- and the program's name: say what may stand there");
  command->footer("For bash: source <(temperature-service completion bash)");
  command->callback([&app, flags, &chosen] {
    chosen = [&app, flags] {
      if (flags->words.empty()) {
        fmt::print("{}", completion_script(flags->shell));
      } else {
        print_completion(flags->shell, complete(app, flags->words));
      }
      return 0;
    };
  });
}

}  // namespace temperature::cli
