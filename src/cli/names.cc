#include "cli/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "app/upkeep.h"
#include "base/json_text.h"
#include "cli/replay_destination.h"
#include "client/names.h"
#include "client/printable.h"

namespace temperature::cli {
namespace {

constexpr const char* kNamesFooter =
    "twins: names that are one by the current rules; what is sent goes to the one in front. changed: a name that what "
    "is sent under it leaves. refused: a name that nothing may be sent under. case: names that stay apart, and differ "
    "in capitals alone, for you to look at. What is stored stays where it is, and is asked for by its own name.\n"
    "--data-dir looks into a folder that no service runs on; --url asks a running one.\n"
    "Exit code 1: there are twins, changed or refused names.";

struct Flags {
  ServiceFlags service;
  std::string data_dir;
  bool json = false;
};

// In quotes, so that blanks are seen; with its bytes where letters do not tell names apart.
std::string named(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) return fmt::format("\"{}\"", name);
  std::string bytes;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    bytes += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return fmt::format("\"{}\" ({})", name, bytes);
}

std::string text_of(const NameFinding& finding) {
  using Kind = NameFinding::Kind;
  std::vector<std::string> names;
  for (const std::string& name : finding.names) names.push_back(named(name));
  const std::string who =
      fmt::format("{}{}{}: {}", finding.what, finding.where.empty() ? "" : " ", finding.where, fmt::join(names, ", "));
  switch (finding.kind) {
    case Kind::twins:
      return fmt::format("twins    {} -> {}", who, named(finding.becomes));
    case Kind::changed:
      return fmt::format("changed  {} -> {}", who, named(finding.becomes));
    case Kind::refused:
      return fmt::format("refused  {}: {}", who, finding.becomes);
    case Kind::case_only:
      break;
  }
  return fmt::format("case     {}", who);
}

std::string_view word_of(NameFinding::Kind kind) {
  using enum NameFinding::Kind;
  return kind == twins ? "twins" : kind == changed ? "changed" : kind == refused ? "refused" : "case";
}

std::string json_of(const NameFinding& finding) {
  std::string out = fmt::format(R"({{"finding":"{}","what":)", word_of(finding.kind));
  append_json_string(out, finding.what);
  out += R"(,"where":)";
  append_json_string(out, finding.where);
  out += R"(,"names":)";
  append_json_array(out, finding.names, [&](const std::string& name) { append_json_string(out, name); });
  out += R"(,"becomes":)";
  append_json_string(out, finding.becomes);
  return client::printable_json(out + "}");
}

int print(const NameCheck& check, bool json) {
  std::size_t hints = 0;
  const auto findings = check.findings();
  for (const NameFinding& finding : findings) {
    fmt::print("{}\n", json ? json_of(finding) : text_of(finding));
    if (finding.kind == NameFinding::Kind::case_only) ++hints;
  }
  const std::size_t faults = findings.size() - hints;
  if (json) {
    fmt::print(R"({{"findings":{},"hints":{}}})"
               "\n",
               faults, hints);
    return faults == 0 ? 0 : 1;
  }
  fmt::print("{}\n", faults == 0 ? "no name is another's by the current rules"
                                 : fmt::format("{} findings, and {} hints", faults, hints));
  return faults == 0 ? 0 : 1;
}

int ask_service(const Flags& flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  client::SignalPause pause;
  auto client = client::HttpClient::create(std::move(*target), pause);
  if (!client) return refuse(client.error());
  const auto names = client::read_names(**client);
  return names ? print(*names, flags.json) : refuse(names.error());
}

int look_into(const Flags& flags) {
  const auto names = app::read_names(flags.data_dir);
  return names ? print(*names, flags.json) : refuse(names.error());
}

}  // namespace

void add_names(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("names", "the names of a service: which are one by the current rules");
  const auto flags = std::make_shared<Flags>();
  command->add_flag("--check")->description("say which names are twins")->required();
  declare_service(*command, flags->service);
  command->add_flag("--json", flags->json, "an object a line: each finding, then how many there are");
  command->add_option("--data-dir", flags->data_dir, "a data folder to look into, instead of a service to ask")
      ->type_name("DIR");
  command->footer(kNamesFooter);
  command->callback([flags, &chosen] {
    chosen = [flags] { return flags->data_dir.empty() ? ask_service(*flags) : look_into(*flags); };
  });
}

}  // namespace temperature::cli
