#include "cli/command_parts.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <utility>

namespace temperature::cli {
namespace {

struct NamedCommands {
  std::string_view title;
  std::vector<std::string_view> names;
};

// The program's own commands; any other comes last, below kMore.
const std::vector<NamedCommands> kCommandGroups{
    {"Serve", {"serve", "config"}},
    {"Ask", {"rooms", "average", "history", "health"}},
    {"Readings", {"import", "export", "delete", "audit", "replay", "simulate", "explain-line"}},
    {"Who may come in", {"key", "sensor", "keygen", "token"}},
    {"Data folders", {"backup", "restore", "verify", "names"}},
    {"The mirror in a database", {"migrate"}},
};
constexpr const char* kMore = "More";

// What the value of a flag is, where its declaration leaves that to CLI11, which knows texts and numbers alone.
const std::map<std::string_view, std::string_view> kTypes{
    {"url", "URL"},         {"key", "KEY"},
    {"key-file", "FILE"},   {"ca-file", "FILE"},
    {"timeout", "SECONDS"}, {"data-dir", "DIR"},
    {"public-key", "FILE"}, {"config", "FILE"},
    {"building", "NAME"},   {"room", "NAME"},
    {"sensor", "NAME"},     {"quantity", "NAME"},
    {"kid", "NAME"},        {"expires-in", "DURATION"},
    {"step", "DURATION"},   {"window", "DURATION"},
    {"from", "TIME"},       {"to", "TIME"},
    {"at", "TIME"},
};

}  // namespace

std::string path_of(const CLI::App* command, std::string_view between) {
  std::string path = command->get_name();
  for (const CLI::App* above = command->get_parent(); above != nullptr; above = above->get_parent()) {
    path.insert(0, above->get_name() + std::string(between));
  }
  return path;
}

std::string usage_of(const CLI::App& command) {
  std::string out = path_of(&command);
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    const bool many = option->get_items_expected_max() > 1;
    const std::string name = option->get_name(true, false) + (many ? "..." : "");
    out += option->get_required() ? " " + name : " [" + name + "]";
  }
  if (!command.get_subcommands(nullptr).empty()) {
    out += command.get_require_subcommand_min() == 0 ? " [COMMAND]" : " COMMAND";
  }
  return out + " [FLAGS]";
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string option_type(const CLI::Option& option) {
  constexpr std::string_view kText = "TEXT:";
  const std::string said = option.get_type_name();
  if (said.starts_with(kText)) return said.substr(kText.size());  // what a validator says of it
  if (option.get_positional()) return option.get_name(true, false);
  if (said == "TEXT") {
    const auto type = kTypes.find(option.get_single_name());
    return type == kTypes.end() ? "VALUE" : std::string(type->second);
  }
  return said == "UINT" || said == "INT" || said == "FLOAT" ? "NUMBER" : said;
}

std::string option_name(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true, false);
  return option.get_name(false, true) + (takes_value(option) ? " " + option_type(option) : "");
}

std::string option_text(const CLI::Option& option) {
  std::vector<std::string> notes;
  if (option.get_required() && !option.get_positional()) notes.emplace_back("required");
  const std::string value = takes_value(option) ? option.get_default_str() : "";
  if (!value.empty()) notes.push_back("default " + value);
  if (!option.get_envname().empty()) notes.push_back(option.get_envname());
  std::string text = option.get_description();
  if (!notes.empty()) text += " [" + CLI::detail::join(notes, "; ") + "]";
  return text;
}

std::vector<OptionGroup> option_groups(const CLI::App& command) {
  std::vector<OptionGroup> found;
  const auto add = [&](std::string title, auto belongs) {
    OptionGroup group{std::move(title), {}};
    std::ranges::copy_if(command.get_options(), std::back_inserter(group.options), belongs);
    if (!group.options.empty()) found.push_back(std::move(group));
  };
  add("Arguments", [](const CLI::Option* option) { return option->get_positional(); });
  std::vector<std::string> groups = command.get_groups();
  // CLI11's own group has --help at least: with nothing else it comes last.
  const auto plain = command.get_options(
      [](const CLI::Option* option) { return option->nonpositional() && option->get_group() == "Options"; });
  const bool only_help = groups.size() > 1 && plain.size() == 1;
  if (only_help && std::erase(groups, "Options") > 0) groups.emplace_back("Options");
  for (const std::string& group : groups) {
    if (group.empty()) continue;
    add(group != "Options" ? group
        : only_help        ? kMore
                           : "Flags",
        [&](const CLI::Option* option) { return !option->get_positional() && option->get_group() == group; });
  }
  return found;
}

std::vector<CommandGroup> command_groups(const CLI::App& command) {
  auto left = command.get_subcommands(nullptr);
  if (left.empty()) return {};
  if (command.get_parent() != nullptr) return {{"Commands", std::move(left)}};
  std::vector<CommandGroup> found;
  for (const NamedCommands& named : kCommandGroups) {
    CommandGroup group{std::string(named.title), {}};
    std::erase_if(left, [&](const CLI::App* below) {
      const bool belongs = std::ranges::find(named.names, below->get_name()) != named.names.end();
      if (belongs) group.commands.push_back(below);
      return belongs;
    });
    if (!group.commands.empty()) found.push_back(std::move(group));
  }
  if (!left.empty()) found.push_back({kMore, std::move(left)});
  return found;
}

}  // namespace temperature::cli
