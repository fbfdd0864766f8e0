#include "cli/migrate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "cli/database_flags.h"
#include "cli/replay_destination.h"
#include "cli/usage.h"
#include "cli/version.h"
#include "config/mirror_settings.h"
#include "config/settings.h"
#include "mirror/schema.h"
#include "postgres/connection.h"

namespace temperature::cli {
namespace {

constexpr const char* kMigrateFooter =
    "serve does the same at its start; this is for who wants it done beforehand, by another role. Each step is a "
    "transaction of its own, and several programs may run it at once.\n"
    "--convert locks the table for as long as it takes to copy it: some seconds for a million readings.\n"
    "Exit code 1: the database cannot be reached, or the tables cannot be made; the line says why.";

struct MigrateFlags {
  config::DatabaseFlags database;
  std::string schema{config::kMirrorSchema};
  bool convert = false;
  bool json = false;
};

void append_lines(std::string& out, std::string_view name, const std::vector<std::string>& lines) {
  out += fmt::format(",\"{}\":[", name);
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (at > 0) out += ',';
    append_json_string(out, lines[at]);
  }
  out += ']';
}

std::string json_of(const mirror::SchemaReport& report) {
  std::string out = R"({"server":)";
  append_json_string(out, report.server);
  out += R"(,"used_as":)";
  append_json_string(out, text_of(report.layout.edition));
  out += fmt::format(R"(,"version_before":{},"version":{})", report.version_before, report.version);
  append_lines(out, "done", report.done);
  append_lines(out, "notes", report.notes);
  return out + "}";
}

std::string text_of(const mirror::SchemaReport& report) {
  std::string out = fmt::format("{}, used as {}\n", report.server, text_of(report.layout.edition));
  for (const std::string& line : report.done) out += line + "\n";
  for (const std::string& line : report.notes) out += fmt::format("note: {}\n", line);
  return out + fmt::format("the tables are of version {}{}\n", report.version,
                           report.done.empty() ? ": there was nothing to do" : "");
}

int run_migrate(const MigrateFlags& flags) {
  if (auto named = config::check_schema_name("--timescale-schema", flags.schema); !named) return refuse(named.error());
  auto url = check_database(flags.database);
  if (!url) return refuse(url.error());
  auto connection = postgres::Connection::open(*url, {.purpose = "migrate"});
  if (!connection) return refuse({ErrorCode::startup, connection.error().text});
  const mirror::SchemaOptions options{.program = fmt::format("temperature-service {}", kVersion),
                                      .view_schema = flags.schema,
                                      .retention = {},
                                      .convert = flags.convert};
  const auto report = mirror::migrate(**connection, options);
  if (!report) return refuse({ErrorCode::startup, report.error().text});
  std::cout << (flags.json ? json_of(*report) + "\n" : text_of(*report)) << std::flush;
  return 0;
}

}  // namespace

void add_migrate(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command =
      app.add_subcommand("migrate", "make the tables in the mirror's database, or bring them up to date");
  const auto flags = std::make_shared<MigrateFlags>();
  declare_database(*command, flags->database);
  command
      ->add_option("--timescale-schema", flags->schema,
                   "the schema of the views; the tables are in temperature_service always")
      ->type_name("NAME")
      ->envname("TEMPERATURE_TIMESCALE_SCHEMA")
      ->capture_default_str();
  command->add_flag("--convert", flags->convert,
                    "make an ordinary table that holds readings a hypertable, now that there is TimescaleDB");
  command->add_flag("--json", flags->json, "what was found and done as one JSON object");
  command->footer(kMigrateFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run_migrate(*flags); }; });
}

}  // namespace temperature::cli
