#include "cli/man_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "cli/command_parts.h"
#include "cli/replay_destination.h"
#include "cli/usage.h"

namespace temperature::cli {
namespace {

namespace fs = std::filesystem;

// Text as roff shows it: "-" is the character of flags, not a hyphen.
std::string as_roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\n') {
      out += "\n";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";  // else it would begin a request
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string page_name(const CLI::App& command) {
  return path_of(&command, "-");
}

void append_section(std::string& out, std::string_view title) {
  out += fmt::format(".SH {}\n", title);
}

void append_item(std::string& out, std::string_view left, std::string_view text) {
  out += fmt::format(".TP\n.B {}\n{}\n", as_roff(left), as_roff(text));
}

// As the page of help has it: a paragraph a line; a line that begins with a blank is shown as it is.
void append_text(std::string& out, std::string_view text) {
  bool begun = false;
  bool shown = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    const bool show = line.starts_with(' ');
    if (shown && !show) out += ".fi\n";
    if (begun && !(shown && show)) out += ".PP\n";
    if (show && !shown) out += ".nf\n";
    out += as_roff(line) + "\n";
    begun = true;
    shown = show;
  }
  if (shown) out += ".fi\n";
}

void append_option_items(std::string& out, const CLI::App& command) {
  const auto groups = option_groups(command);
  if (groups.empty()) return;
  append_section(out, "OPTIONS");
  for (const OptionGroup& group : groups) {
    if (groups.size() > 1) out += fmt::format(".SS {}\n", as_roff(group.title));
    for (const CLI::Option* option : group.options) append_item(out, option_name(*option), option_text(*option));
  }
}

void append_command_items(std::string& out, const CLI::App& command) {
  const auto groups = command_groups(command);
  if (groups.empty()) return;
  append_section(out, "COMMANDS");
  for (const CommandGroup& group : groups) {
    if (groups.size() > 1) out += fmt::format(".SS {}\n", as_roff(group.title));
    for (const CLI::App* below : group.commands) append_item(out, below->get_name(), below->get_description());
  }
}

void append_see_also(std::string& out, const CLI::App& command) {
  std::vector<std::string> names;
  if (command.get_parent() != nullptr) names.push_back(page_name(*command.get_parent()));
  for (const CLI::App* below : command.get_subcommands(nullptr)) names.push_back(page_name(*below));
  append_section(out, "SEE ALSO");
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format(".BR {} (1){}\n", as_roff(names[i]), i + 1 == names.size() ? "" : ",");
  }
}

std::vector<const CLI::App*> all_below(const CLI::App& command) {
  std::vector<const CLI::App*> found{&command};
  for (const CLI::App* below : command.get_subcommands(nullptr)) {
    const auto more = all_below(*below);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

int write_pages(const CLI::App& app, std::string_view version, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  for (const CLI::App* command : all_below(app)) {
    const fs::path path = folder / (page_name(*command) + ".1");
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << man_page(*command, version) << std::flush;
    if (!file) return refuse({ErrorCode::startup, fmt::format("cannot write the manual page {}", path.string())});
  }
  return 0;
}

struct ManFlags {
  std::vector<std::string> words;
  std::string folder;
};

}  // namespace

std::string man_page(const CLI::App& command, std::string_view version) {
  std::string about = command.get_description();
  if (about.ends_with('.')) about.pop_back();
  std::string out =
      fmt::format(".TH {} 1 \"\" \"{}\" \"User Commands\"\n", as_roff(upper(page_name(command))), as_roff(version));
  append_section(out, "NAME");
  out += fmt::format("{} \\- {}\n", as_roff(page_name(command)), as_roff(about));
  append_section(out, "SYNOPSIS");
  out += fmt::format(".B {}\n", as_roff(usage_of(command)));
  if (!command.get_footer().empty()) {
    append_section(out, "DESCRIPTION");
    append_text(out, command.get_footer());
  }
  append_command_items(out, command);
  append_option_items(out, command);
  append_section(out, "EXIT STATUS");
  append_item(out, fmt::format("{}", 0), "All was done.");
  append_item(out, fmt::format("{}", kExitFailed), "It was tried, and not done, or not all of it.");
  append_item(out, fmt::format("{}", kExitUsage), "The words of the command line cannot be used; nothing was tried.");
  append_see_also(out, command);
  return out;
}

void add_man(CLI::App& app, const std::string& version, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("man", "the manual page of a command, for man -l");
  const auto flags = std::make_shared<ManFlags>();
  command->add_option("COMMAND", flags->words, "the command; the program itself without one");
  command->add_option("--output", flags->folder, "write every page to this folder, made if it is not there")
      ->type_name("DIR");
  command->callback([&app, version, flags, &chosen] {
    chosen = [&app, version, flags] {
      if (!flags->folder.empty()) return write_pages(app, version, flags->folder);
      return with_command(app, flags->words,
                          [&](const CLI::App& named) { fmt::print("{}", man_page(named, version)); });
    };
  });
}

}  // namespace temperature::cli
