#include "cli/readings_files.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "cli/choices.h"
#include "cli/replay_destination.h"
#include "client/export.h"
#include "client/import.h"
#include "client/original_import.h"
#include "config/database_url.h"

namespace temperature::cli {
namespace {

constexpr const char* kExportFooter =
    "Writes a line for each reading, room after room; `import` reads it back. Times are RFC 3339 or epoch "
    "milliseconds: --from is the first moment that counts, --to the first that does not.\n"
    "The file gets its name when it is whole; one that was there is replaced then, also where a symbolic link leads to "
    "it. Devices, FIFOs and the like stay what they are, and are written to.";

constexpr const char* kImportFooter =
    "Files are CSV with a header (timestamp,room_id,sensor_id,quantity,value in any order, building and unit where "
    "there are) or NDJSON (an object a line, as POST /v1/readings takes them), plain or gzip. Repeating it is safe: "
    "what is there already counts as duplicate. Exit code 1 when a reading was refused; the others are stored.\n"
    "With --replace a reading takes the place of what is stored at its moment with another value, and it is said how "
    "many did; of several for one moment the last one stays.\n"
    "\n"
    "Files of data loggers: --column NAME=COLUMN says what a column is, once for each. NAME is timestamp (or date and "
    "time, in two columns), room, sensor, building, quantity, unit or value; any other NAME is the quantity of the "
    "column's values, so that temperature and humidity of one row are two readings. COLUMN is the text of its header, "
    "the beginning of that, or its number from 1 on. A unit in the header counts (\"Temp, °F (LGR S/N: 1)\"), and an "
    "offset in that of the timestamp (\"Date Time, GMT+01:00\"). Rows without a value are passed over.\n"
    "\n"
    "--from-original reads temperature_readings(building_id, room_id, sensor_id, temperature, reading_time); a time "
    "without a zone is UTC. When it ends early it says with which --from it goes on.\n"
    "\n"
    "  import hobo.csv --skip-rows 1 --column timestamp=\"Date Time\" --column temperature=Temp, \\\n"
    "    --column humidity=RH, --time-format \"%m/%d/%y %I:%M:%S %p\" \\\n"
    "    --room attic --sensor hobo-1";

constexpr const char* kTimeFormatHelp =
    "how timestamps are written, as strptime has it: \"%m/%d/%y %I:%M:%S %p\"; \"%s\" is seconds since 1970. "
    "Without it: RFC 3339, epoch milliseconds, and dates that begin with the year";

struct ExportFlags {
  ServiceFlags service;
  client::ExportOptions options;
  std::string format = "csv";
};

struct ImportFlags {
  DestinationFlags destination;
  bool replace = false;
  std::string reason;
  std::vector<std::string> files;
  client::TextLayout layout;
  std::string time_zone;
  std::string delimiter = ",";
  std::vector<std::string> columns;
  std::vector<std::string> units;
  std::string ambiguous = "refuse";
  std::string original_url;
  std::string original_url_file;
  std::string table;
  std::string from;
  std::string to;

  [[nodiscard]] bool from_original() const { return !original_url.empty() || !original_url_file.empty(); }
};

Error flag_error(std::string detail) {
  return {ErrorCode::usage, std::move(detail)};
}

Result<char> read_delimiter(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "comma") return ',';
  if (text == "semicolon") return ';';
  constexpr std::string_view kNone = "\"\r\n";
  if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && !kNone.contains(text[0])) return text[0];
  return std::unexpected(flag_error("--delimiter must be one character, or comma, semicolon or tab"));
}

client::Ambiguous ambiguous_of(std::string_view text) {
  if (text == "earlier") return client::Ambiguous::earlier;
  if (text == "later") return client::Ambiguous::later;
  return text == "increasing" ? client::Ambiguous::increasing : client::Ambiguous::refuse;
}

// What the flags say of the files.
Result<client::TextLayout> check_layout(const ImportFlags& flags) {
  client::TextLayout layout = flags.layout;
  const auto delimiter = read_delimiter(flags.delimiter);
  if (!delimiter) return std::unexpected(delimiter.error());
  layout.delimiter = *delimiter;
  layout.ambiguous = ambiguous_of(flags.ambiguous);
  if (!flags.time_zone.empty()) {
    auto zone = client::TimeZone::named(flags.time_zone);
    if (!zone) return std::unexpected(flag_error(std::move(zone.error().detail)));
    layout.zone = std::move(*zone);
  }
  for (const std::string& column : flags.columns) {
    const std::size_t equals = column.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == column.size()) {
      return std::unexpected(
          flag_error("--column must be NAME=COLUMN, such as temperature=\"Temp, °C\" or timestamp=2"));
    }
    layout.columns.push_back({column.substr(0, equals), column.substr(equals + 1)});
  }
  for (const std::string& unit : flags.units) {
    const std::size_t equals = unit.find('=');
    const bool of_one = equals != std::string::npos;
    layout.units.push_back({of_one ? unit.substr(0, equals) : "", of_one ? unit.substr(equals + 1) : unit});
  }
  return layout;
}

int run_export(ExportFlags flags) {
  auto target = check_service(flags.service);
  if (!target) return refuse(target.error());
  flags.options.target = std::move(*target);
  flags.options.format = flags.format == "ndjson" ? client::ExportFormat::ndjson : client::ExportFormat::csv;
  return run_client(
      [&flags](const client::Surroundings& here) { return client::export_readings(flags.options, here); });
}

int run_original_import(const ImportFlags& flags) {
  client::OriginalImportOptions options;
  auto destination = check_destination(flags.destination);
  if (!destination) return refuse(destination.error());
  options.destination = std::move(*destination);
  for (const auto& [flag, text, time] :
       {std::tuple("--from", &flags.from, &options.from), std::tuple("--to", &flags.to, &options.to)}) {
    const auto checked = optional_time(flag, *text);
    if (!checked) return refuse(checked.error());
    *time = *checked;
  }
  if (!flags.table.empty()) options.table = flags.table;
  const auto url = config::database_url({flags.original_url, flags.original_url_file, "--from-original"}, {},
                                        config::FlagsAndEnvironment::flags_alone);
  if (!url) return refuse(url.error());
  return run_client(
      [&](const client::Surroundings& here) { return client::import_from_original(**url, options, here); },
      flags.destination.json);
}

int run_import(const ImportFlags& flags) {
  if (flags.from_original()) return run_original_import(flags);
  if (flags.files.empty()) return refuse(flag_error("import needs FILE, or --from-original"));
  if (!flags.table.empty() || !flags.from.empty() || !flags.to.empty()) {
    return refuse(flag_error("--table, --from and --to go with --from-original"));
  }
  client::ImportOptions options;
  auto destination = check_destination(flags.destination);
  if (!destination) return refuse(destination.error());
  options.destination = std::move(*destination);
  options.destination.replaces = flags.replace;
  options.destination.reason = flags.reason;
  options.paths = flags.files;
  auto layout = check_layout(flags);
  if (!layout) return refuse(layout.error());
  options.layout = std::move(*layout);
  return run_client([&options](const client::Surroundings& here) { return client::import_readings(options, here); },
                    flags.destination.json);
}

void declare_layout(CLI::App& command, ImportFlags& flags) {
  client::TextLayout& layout = flags.layout;
  const auto declare_each = [&](const char* name, std::vector<std::string>& values, const char* type,
                                const char* help) {
    command.add_option(name, values, help)->allow_extra_args(false)->type_name(type);
  };
  const auto declare = [&](const char* name, std::string& value, const char* type, const char* help) {
    command.add_option(name, value, help)->type_name(type);
  };
  declare_each("--column", flags.columns, "NAME=COLUMN", "what a column is; see below");
  declare("--room", layout.room, "NAME", "the room of readings that name none");
  declare("--sensor", layout.sensor, "NAME", "the sensor of readings that name none");
  declare("--quantity", layout.quantity, "NAME", "the quantity of readings that name none");
  declare_each("--unit", flags.units, "UNIT",
               "the unit of readings that name none; QUANTITY=UNIT where there are several");
  declare("--time-zone", flags.time_zone, "ZONE",
          "where times without an offset are: Europe/Berlin (IANA's names), or +01:00");
  command
      .add_option("--ambiguous", flags.ambiguous,
                  "which of two moments a time is that comes twice, in autumn: earlier, later, or as the order of "
                  "the rows tells (increasing)")
      ->check(one_of({"refuse", "earlier", "later", "increasing"}))
      ->capture_default_str();
  declare("--time-format", layout.time_format, "FORMAT", kTimeFormatHelp);
  command.add_option("--delimiter", flags.delimiter, "what is between fields: one character, or semicolon or tab")
      ->type_name("CHARACTER")
      ->capture_default_str();
  command.add_flag("--decimal-comma", layout.decimal_comma, "values are written 21,5");
  declare("--encoding", layout.encoding, "NAME",
          "of the text: windows-1252, UTF-16LE and what else iconv knows. Without it a byte order mark "
          "decides, and else it is UTF-8");
  command.add_option("--skip-rows", layout.skip_rows, "lines before the header")
      ->type_name("NUMBER")
      ->capture_default_str();
}

void declare_original(CLI::App& command, ImportFlags& flags, CLI::Option* files) {
  CLI::Option* url = command.add_option("--from-original", flags.original_url,
                                        "instead of files: the database of the original service, "
                                        "postgresql://USER:PASSWORD@HOST/DATABASE");
  CLI::Option* url_file = command.add_option("--from-original-file", flags.original_url_file, "a file with that URL");
  url->type_name("URL")->excludes(files);
  url_file->type_name("FILE")->excludes(files);
  command.add_option("--table", flags.table, "there: its table of readings, when it is not temperature_readings")
      ->type_name("NAME");
  command.add_option("--from", flags.from, "there: from this moment on")->type_name("TIME");
  command.add_option("--to", flags.to, "there: up to this moment")->type_name("TIME");
  for (const char* of_files :
       {"--column", "--room", "--sensor", "--quantity", "--unit", "--time-zone", "--ambiguous", "--time-format",
        "--delimiter", "--decimal-comma", "--encoding", "--skip-rows", "--replace"}) {
    url->excludes(of_files);
    url_file->excludes(of_files);
  }
}

}  // namespace

void add_export(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("export", "write the readings of a service to a file");
  const auto flags = std::make_shared<ExportFlags>();
  declare_service(*command, flags->service);
  command->add_option("--building", flags->options.building, "of this building only")->type_name("NAME");
  command->add_option("--room", flags->options.room, "of this room only")->type_name("NAME");
  command->add_option("--sensor", flags->options.sensor, "of this sensor only")->type_name("NAME");
  command->add_option("--quantity", flags->options.quantity, "of this quantity only")->type_name("NAME");
  command->add_option("--from", flags->options.from, "from this moment on")->type_name("TIME");
  command->add_option("--to", flags->options.to, "up to this moment")->type_name("TIME");
  command->add_option("--format", flags->format, "csv or ndjson")
      ->check(one_of({"csv", "ndjson"}))
      ->capture_default_str();
  command->add_option("-o,--output", flags->options.path, "the file, gzip when it ends in .gz; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command->footer(kExportFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run_export(*flags); }; });
}

void add_import(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("import", "send the readings of files to a service");
  const auto flags = std::make_shared<ImportFlags>();
  CLI::Option* files = command->add_option("FILE", flags->files, "the files, one after the other; - is standard input");
  declare_destination(*command, flags->destination);
  CLI::Option* replace = command->add_flag(
      "--replace", flags->replace,
      "a reading takes the place of one with another value; needs a curator's key or an administrator's");
  command->add_option("--reason", flags->reason, "why, for whoever asks later")->type_name("TEXT")->needs(replace);
  declare_layout(*command, *flags);
  declare_original(*command, *flags, files);
  command->footer(kImportFooter);
  command->callback([flags, &chosen] { chosen = [flags] { return run_import(*flags); }; });
}

}  // namespace temperature::cli
