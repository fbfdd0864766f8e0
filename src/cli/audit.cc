#include "cli/audit.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/upkeep.h"
#include "audit/chain.h"
#include "base/json_text.h"
#include "cli/group_command.h"
#include "cli/registry_service.h"
#include "cli/replay_destination.h"
#include "client/audit_text.h"
#include "client/printable.h"
#include "client/readable.h"

namespace temperature::cli {
namespace {

constexpr const char* kAuditFooter =
    "Times are RFC 3339 (2026-11-01T12:00:00Z), a date, now, or so long before now: -7d. It needs the key of an "
    "administrator or of a curator, who sees the entries of the key's buildings.";
constexpr const char* kAuditVerifyFooter =
    "Asks the service for all entries and makes their hashes anew; with --data-dir it looks at a data folder or a "
    "backup "
    "that is not in use. The hash that it tells is that of the last entry: noted elsewhere, it proves later that "
    "nothing "
    "before it was changed or left out. Exit code 1: an entry does not fit, or it could not be looked at.";
constexpr const char* kAuditPerPage = "1000";

struct AuditFlags {
  ServiceFlags service;
  bool json = false;
  std::string from;
  std::string to;
};

struct AuditVerifyFlags {
  ServiceFlags service;
  bool json = false;
  std::string data_dir;
};

client::Listing audit_listing(const std::string& from = {}, const std::string& to = {}) {
  client::Listing listing{"/v1/audit", "entries", "cannot tell the audit", {{"limit", kAuditPerPage}}};
  if (!from.empty()) listing.parameters.emplace_back("from", from);
  if (!to.empty()) listing.parameters.emplace_back("to", to);
  return listing;
}

int list_audit(const AuditFlags& flags) {
  auto service = RegistryService::connect(flags.service);
  if (!service) return refuse(service.error());
  client::Table table = client::audit_table();
  const bool person = for_a_person(flags.json);
  std::size_t listed = 0;
  const auto listing = audit_listing(flags.from, flags.to);
  const auto done = (*service)->list(listing, [&](simdjson::dom::object, simdjson::dom::array rows) -> Result<void> {
    for (const simdjson::dom::element row : rows) {
      const auto link = client::read_audit_link(row);
      if (!link) return std::unexpected(link.error());
      person ? client::add_audit_entry(table, link->entry) : print_json(row);
    }
    listed += rows.size();
    fmt::print("{}", table.take_lines());
    return {};
  });
  if (!done) return refuse(done.error());
  if (person && listed == 0) fmt::print("nothing was deleted or replaced then\n");
  return 0;
}

// The chain that a service tells, page by page, against the end that it told first: more may be added meanwhile.
Result<audit::Head> verify_audit_of(RegistryService& service, const std::function<void(const std::string&)>& found) {
  audit::ChainCheck chain;
  std::optional<audit::Head> end;
  const auto tell = [&found](const std::optional<std::string>& trouble) {
    if (trouble) found(*trouble);
  };
  const auto done = service.list(audit_listing(), [&](simdjson::dom::object page, simdjson::dom::array rows) {
    if (!end) {
      const auto told = client::read_audit_end(page);
      if (!told) return Result<void>(std::unexpected(told.error()));
      end = *told;
    }
    for (const simdjson::dom::element row : rows) {
      const auto link = client::read_audit_link(row);
      if (!link) return Result<void>(std::unexpected(link.error()));
      tell(chain.take(*link));
      if (link->number == end->count) tell(chain.finish(end));
    }
    return Result<void>();
  });
  if (!done) return std::unexpected(done.error());
  if (chain.end().count < end->count || end->count == 0) tell(chain.finish(end));
  return chain.end();
}

int tell_audit_verdict(const audit::Head& end, std::uint64_t findings, bool json) {
  if (json) {
    std::string line =
        fmt::format(R"({{"findings":{},"entries":{},"position":{},"hash":)", findings, end.count, end.position.value());
    append_json_string(line, audit::text_of(end.hash));
    fmt::print("{}}}\n", line);
  } else if (findings == 0 && end.count == 0) {
    fmt::print("the audit is empty\n");
  } else if (findings == 0) {
    fmt::print("the audit has {}, and all fit; the last is at position {}, its hash is {}\n",
               end.count == 1 ? "1 entry" : fmt::format("{} entries", end.count), end.position.value(),
               audit::text_of(end.hash));
  }
  return findings == 0 ? 0 : 1;
}

int verify_audit(const AuditVerifyFlags& flags) {
  std::uint64_t findings = 0;
  const auto found = [&](const std::string& what) {
    ++findings;
    std::string line = R"({"damaged":)";
    append_json_string(line, what);
    fmt::print("{}\n", client::printable(flags.json ? line + "}" : "damaged: " + what));
  };
  const auto verified = [&]() -> Result<audit::Head> {
    if (!flags.data_dir.empty()) return app::verify_audit(flags.data_dir, found);
    auto service = RegistryService::connect(flags.service);
    if (!service) return std::unexpected(std::move(service.error()));
    return verify_audit_of(**service, found);
  }();
  if (!verified) return refuse(verified.error());
  return tell_audit_verdict(*verified, findings, flags.json);
}

}  // namespace

void add_audit(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("audit", "who deleted or replaced which readings, when and why");
  command->require_subcommand(0, 1);
  const auto flags = std::make_shared<AuditFlags>();
  declare_service(*command, flags->service);
  declare_json(*command, flags->json);
  const auto not_empty = [](const std::string& text) {
    return text.empty() ? std::string("it is empty") : std::string();
  };
  command->add_option("--from", flags->from, "what was received from this moment on")->check(not_empty);
  command->add_option("--to", flags->to, "what was received before this moment")->check(not_empty);
  command->footer(kAuditFooter);
  command->callback([flags, command, &chosen] {
    if (command->get_subcommands().empty()) chosen = [flags] { return list_audit(*flags); };
  });
  AuditVerifyFlags* verify_flags = nullptr;
  CLI::App* verify = add_group_command(*command, "verify", "whether every entry fits to the one before it",
                                       verify_flags, chosen, &verify_audit);
  verify->add_option("--data-dir", verify_flags->data_dir, "of this folder, instead of a service's")->check(not_empty);
  verify->footer(kAuditVerifyFooter);
}

}  // namespace temperature::cli
