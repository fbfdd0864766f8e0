#include "cli/readings_files.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/replay_destination.h"
#include "client/export.h"
#include "client/import.h"

namespace temperature::cli {
namespace {

constexpr const char* kExportFooter =
    "Writes a line for each reading, room after room; `import` reads it back. Times are RFC 3339 or epoch "
    "milliseconds:\n"
    "--from is the first moment that counts, --to the first that does not. The file gets its name when it is whole.";

constexpr const char* kImportFooter =
    "Files are CSV with a header (timestamp,room_id,sensor_id,quantity,value in any order, building and unit where "
    "there\n"
    "are) or NDJSON (an object a line, as POST /v1/readings takes them), plain or gzip. Repeating it is safe: what is\n"
    "there already counts as duplicate.";

struct ExportFlags {
  ServiceFlags service;
  client::ExportOptions options;
  std::string format = "csv";
};

struct ImportFlags {
  DestinationFlags destination;
  std::vector<std::string> files;
};

int run_export(ExportFlags flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  flags.options.target = std::move(*target);
  flags.options.format = flags.format == "ndjson" ? client::ExportFormat::ndjson : client::ExportFormat::csv;
  return run_client(
      [&flags](const client::Surroundings& here) { return client::export_readings(flags.options, here); });
}

int run_import(const ImportFlags& flags) {
  client::ImportOptions options;
  auto destination = check_destination(flags.destination);
  if (!destination) return refuse(destination.error());
  options.destination = std::move(*destination);
  options.paths = flags.files;
  return run_client([&options](const client::Surroundings& here) { return client::import_readings(options, here); });
}

}  // namespace

void add_export(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("export", "write the readings of a service to a file");
  const auto flags = std::make_shared<ExportFlags>();
  declare_service(*command, flags->service);
  command->add_option("--building", flags->options.building, "of this building only");
  command->add_option("--room", flags->options.room, "of this room only");
  command->add_option("--sensor", flags->options.sensor, "of this sensor only");
  command->add_option("--quantity", flags->options.quantity, "of this quantity only");
  command->add_option("--from", flags->options.from, "from this moment on");
  command->add_option("--to", flags->options.to, "up to this moment");
  command->add_option("--format", flags->format, "csv or ndjson")
      ->check(CLI::IsMember({"csv", "ndjson"}))
      ->capture_default_str();
  command->add_option("-o,--output", flags->options.path, "the file, gzip when it ends in .gz; - is standard output")
      ->capture_default_str();
  command->footer(kExportFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run_export(*flags); }; });
}

void add_import(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("import", "send the readings of files to a service");
  const auto flags = std::make_shared<ImportFlags>();
  command->add_option("FILE", flags->files, "the files, one after the other; - is standard input")->required();
  declare_destination(*command, flags->destination);
  command->footer(kImportFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run_import(*flags); }; });
}

}  // namespace temperature::cli
