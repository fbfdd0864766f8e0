#include "cli/help_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace temperature::cli {
namespace {

constexpr std::size_t kTextColumn = 32;  // where descriptions begin

constexpr std::string_view kMore = "More";
const std::map<std::string_view, std::vector<std::string_view>> kCommandGroups{
    {"Serve", {"serve", "config"}},
    {"Ask", {"rooms", "average", "history", "health"}},
    {"Readings", {"import", "export", "replay", "simulate", "explain-line"}},
    {"Who may come in", {"key", "sensor", "keygen", "token"}},
    {"Data folders", {"backup", "restore", "verify", "names"}},
};
constexpr std::string_view kGroupOrder[] = {"Serve", "Ask", "Readings", "Who may come in", "Data folders", kMore};

// What the value of a flag is, where its declaration leaves that to CLI11, which knows texts and numbers alone.
const std::map<std::string_view, std::string_view> kTypes{
    {"url", "URL"},         {"key", "KEY"},         {"key-file", "FILE"},
    {"ca-file", "FILE"},    {"timeout", "SECONDS"}, {"data-dir", "DIR"},
    {"public-key", "FILE"}, {"config", "FILE"},     {"building", "NAME"},
    {"room", "NAME"},       {"sensor", "NAME"},     {"quantity", "NAME"},
    {"kid", "NAME"},        {"role", "ROLE"},       {"expires-in", "DURATION"},
    {"step", "DURATION"},   {"window", "DURATION"}, {"from", "TIME"},
    {"to", "TIME"},         {"at", "TIME"},
};

std::string type_of(const CLI::Option& option) {
  constexpr std::string_view kText = "TEXT:";
  const std::string said = option.get_type_name();
  if (said.starts_with(kText)) return said.substr(kText.size());  // what a validator says of it
  if (said == "TEXT") {
    const auto type = kTypes.find(option.get_single_name());
    return type == kTypes.end() ? "VALUE" : std::string(type->second);
  }
  return said == "UINT" || said == "INT" || said == "FLOAT" ? "NUMBER" : said;
}

// Of UTF-8.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Appends words at `column`, from which the first line begins already, and breaks lines where they are full.
void append_wrapped(std::string& out, std::string_view text, std::size_t column) {
  std::size_t at = column;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    if (!first && at + 1 + columns_of(word) > kHelpColumns) {
      out.append(1, '\n').append(column, ' ');
      at = column;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += columns_of(word);
    first = false;
  }
  out += '\n';
}

// A paragraph a line; a line that begins with a blank is shown as it is.
void append_paragraphs(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with(' ')) {
      out.append(line).append(1, '\n');
    } else {
      append_wrapped(out, line, 0);
    }
  }
}

void append_row(std::string& out, std::string left, std::string_view text) {
  left.insert(0, "  ");
  if (columns_of(left) + 2 > kTextColumn) {
    out.append(left).append(1, '\n').append(kTextColumn, ' ');
  } else {
    out.append(left).append(kTextColumn - columns_of(left), ' ');
  }
  append_wrapped(out, text, kTextColumn);
}

// "-o,--output FILE", "DIR"
std::string name_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true, false);
  const bool has_value = option.get_items_expected_max() > 0;
  return option.get_name(false, true) + (has_value ? " " + type_of(option) : "");
}

std::string text_of(const CLI::Option& option) {
  std::vector<std::string> notes;
  if (option.get_required() && !option.get_positional()) notes.emplace_back("required");
  const std::string value = option.get_items_expected_max() > 0 ? option.get_default_str() : "";
  if (!value.empty()) notes.push_back("default " + value);
  if (!option.get_envname().empty()) notes.push_back(option.get_envname());
  std::string text = option.get_description();
  if (!notes.empty()) text += " [" + CLI::detail::join(notes, "; ") + "]";
  return text;
}

void append_usage(std::string& out, const CLI::App& command) {
  out += "Usage: " + path_of(&command);
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    const bool many = option->get_items_expected_max() > 1;
    const std::string name = option->get_name(true, false) + (many ? "..." : "");
    out += option->get_required() ? " " + name : " [" + name + "]";
  }
  if (!command.get_subcommands(nullptr).empty()) out += " COMMAND";
  out += " [FLAGS]\n";
}

void append_flags(std::string& out, const CLI::App& command) {
  const auto append_group = [&](std::string_view title, auto belongs) {
    std::string rows;
    for (const CLI::Option* option : command.get_options()) {
      if (belongs(*option)) append_row(rows, name_of(*option), text_of(*option));
    }
    if (!rows.empty()) out += fmt::format("\n{}:\n{}", title, rows);
  };
  append_group("Arguments", [](const CLI::Option& option) { return option.get_positional(); });
  std::vector<std::string> groups = command.get_groups();
  // CLI11's own group has --help at least: with nothing else it comes last.
  const auto plain = command.get_options(
      [](const CLI::Option* option) { return option->nonpositional() && option->get_group() == "Options"; });
  const bool only_help = groups.size() > 1 && plain.size() == 1;
  if (only_help && std::erase(groups, "Options") > 0) groups.emplace_back("Options");
  for (const std::string& group : groups) {
    if (group.empty()) continue;
    append_group(group != "Options" ? std::string_view(group)
                 : only_help        ? kMore
                                    : "Flags",
                 [&](const CLI::Option& option) { return !option.get_positional() && option.get_group() == group; });
  }
}

void append_commands(std::string& out, const CLI::App& app) {
  const auto commands = app.get_subcommands(nullptr);
  const auto append_group = [&](std::string_view title, std::string_view group) {
    std::string rows;
    for (const CLI::App* command : commands) {
      if (group.empty() || command->get_group() == group)
        append_row(rows, command->get_name(), command->get_description());
    }
    if (!rows.empty()) out += fmt::format("\n{}:\n{}", title, rows);
  };
  if (commands.empty()) return;
  if (app.get_parent() != nullptr) {
    append_group("Commands", "");
  } else {
    for (const std::string_view group : kGroupOrder) append_group(group, group);
  }
  const std::string_view below = app.get_parent() == nullptr ? "" : std::string_view(app.get_name());
  out += fmt::format("\n\"temperature-service help {}{}COMMAND\" says more of one.\n", below, below.empty() ? "" : " ");
}

}  // namespace

std::string path_of(const CLI::App* command) {
  std::string path = command->get_name();
  for (const CLI::App* above = command->get_parent(); above != nullptr; above = above->get_parent()) {
    path.insert(0, above->get_name() + " ");
  }
  return path;
}

std::string help_page(const CLI::App* command) {
  std::string out;
  append_wrapped(out, command->get_description(), 0);
  out += '\n';
  append_usage(out, *command);
  append_commands(out, *command);
  append_flags(out, *command);
  if (!command->get_footer().empty()) {
    out += '\n';
    append_paragraphs(out, command->get_footer());
  }
  return out;
}

void use_help_pages(CLI::App& app) {
  app.formatter_fn([](const CLI::App* command, const std::string&, CLI::AppFormatMode) { return help_page(command); });
}

void group_commands(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    command->group(std::string(kMore));
    for (const auto& [group, names] : kCommandGroups) {
      if (std::ranges::find(names, command->get_name()) != names.end()) command->group(std::string(group));
    }
  }
}

}  // namespace temperature::cli
