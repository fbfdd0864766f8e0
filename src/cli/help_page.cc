#include "cli/help_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "cli/command_parts.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kTextColumn = 32;  // where descriptions begin

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

void append_commands(std::string& out, const CLI::App& app) {
  const auto groups = command_groups(app);
  if (groups.empty()) return;
  for (const CommandGroup& group : groups) {
    out += fmt::format("\n{}:\n", group.title);
    for (const CLI::App* command : group.commands) append_row(out, command->get_name(), command->get_description());
  }
  const std::string_view below = app.get_parent() == nullptr ? "" : std::string_view(app.get_name());
  out += fmt::format("\n\"temperature-service help {}{}COMMAND\" says more of one.\n", below, below.empty() ? "" : " ");
}

void append_flags(std::string& out, const CLI::App& command) {
  for (const OptionGroup& group : option_groups(command)) {
    out += fmt::format("\n{}:\n", group.title);
    for (const CLI::Option* option : group.options) append_row(out, option_name(*option), option_text(*option));
  }
}

}  // namespace

std::string help_page(const CLI::App* command) {
  std::string out;
  append_wrapped(out, command->get_description(), 0);
  out += '\n';
  out += fmt::format("Usage: {}\n", usage_of(*command));
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

}  // namespace temperature::cli
