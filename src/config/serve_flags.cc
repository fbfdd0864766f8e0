#include "config/serve_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "base/nearest.h"
#include "base/regular_file.h"
#include "base/sizes.h"
#include "base/utf8.h"

namespace temperature::limits {

// Bytes of a configuration file; a larger one is refused.
inline constexpr std::size_t kConfigBytesMax = kMiB;

}  // namespace temperature::limits

namespace temperature::config {
namespace {

constexpr const char* kLogFormat = "log-format";
constexpr std::string_view kNotInFile[] = {"help", "config"};

std::string environment_name(const std::string& flag) {
  std::string name = "TEMPERATURE_";
  for (const char c : flag) {
    name.push_back(c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c));
  }
  return name;
}

// How the page of help shows a flag: below which title, and what its value is.
struct Shown {
  std::string_view name;
  std::string_view group;
  std::string_view type;
};

constexpr std::string_view kNumber = "NUMBER";
constexpr std::string_view kListening = "Listening";
constexpr std::string_view kData = "Data";
constexpr std::string_view kReadings = "Readings";
constexpr std::string_view kLines = "Line protocol";
constexpr std::string_view kSecurity = "Security";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kLog = "Log";
constexpr std::string_view kObservability = "Observability";
constexpr std::string_view kDatabase = "Database";
constexpr std::string_view kConfiguration = "Configuration";

// A flag that is not here is shown below "More".
constexpr Shown kShown[] = {
    {"listen", kListening, "ADDRESS:PORT"},
    {"host", kListening, "NAME[:PORT]"},
    {"trusted-proxies", kListening, "NETWORKS"},
    {"cors-origin", kListening, "ORIGINS"},
    {"tls-cert", kListening, "FILE"},
    {"tls-key", kListening, "FILE"},
    {"threads", kListening, kNumber},
    {"stop-timeout", kListening, "DURATION"},
    {"data-dir", kData, "DIR"},
    {"retention", kData, "DURATION"},
    {"allow-short-retention", kData, ""},
    {"clock-is-right", kData, ""},
    {"min-free-disk", kData, "BYTES"},
    {"flush-readings", kData, kNumber},
    {"default-building", kReadings, "NAME"},
    {"max-ahead", kReadings, "DURATION"},
    {"range", kReadings, "QUANTITY=MIN..MAX"},
    {"unknown-fields", kReadings, "ignore|refuse"},
    {"reading-rules", kReadings, "current"},
    {"line-building-tags", kLines, "TAGS"},
    {"line-room-tags", kLines, "TAGS"},
    {"line-sensor-tags", kLines, "TAGS"},
    {"line-unit-tags", kLines, "TAGS"},
    {"line-fields", kLines, "FIELDS"},
    {"line-preset", kLines, "NAME"},
    {"device-map", kLines, "FILE"},
    {"dev", kSecurity, ""},
    {"admin-key", kSecurity, "KEY"},
    {"admin-key-file", kSecurity, "FILE"},
    {"audience", kSecurity, "NAME"},
    {"require-reasons", kSecurity, ""},
    {"open", kSecurity, "WHAT"},
    {"limit-sensor", kLimits, "RATE:BURST"},
    {"limit-key", kLimits, "RATE:BURST"},
    {"limit-service", kLimits, "RATE:BURST"},
    {"series-max", kLimits, kNumber},
    {"series-per-sensor", kLimits, kNumber},
    {"quantities-max", kLimits, kNumber},
    {"quantities-per-sensor", kLimits, kNumber},
    {"connections-per-address", kLimits, kNumber},
    {"log-format", kLog, "text|json"},
    {"log-level", kLog, "debug|info|warning|error"},
    {"access-log", kLog, "off|errors|all|N"},
    {"environment", kObservability, "NAME"},
    {"sentry-dsn", kObservability, "URL"},
    {"sentry-dsn-file", kObservability, "FILE"},
    {"timescale-url", kDatabase, "URL"},
    {"timescale-url-file", kDatabase, "FILE"},
    {"timescale-schema", kDatabase, "NAME"},
    {"mirror-journal-max", kDatabase, "BYTES"},
    {"mirror-writes", kDatabase, "HOW"},
    {"config", kConfiguration, "FILE"},
};

void describe_flags(CLI::App& command) {
  for (const Shown& shown : kShown) {
    CLI::Option* option = command.get_option_no_throw("--" + std::string(shown.name));
    if (option == nullptr) continue;
    option->group(std::string(shown.group));
    if (!shown.type.empty()) option->type_name(std::string(shown.type));
  }
}

template <class Value>
CLI::Option* flag(CLI::App& command, const std::string& name, Value& value, const std::string& help) {
  return command.add_option("--" + name, value, help)->envname(environment_name(name))->capture_default_str();
}

bool in_file(const std::string& name) {
  return !name.empty() && std::ranges::find(kNotInFile, name) == std::end(kNotInFile);
}

void declare_database_flags(CLI::App& command, Flags& flags) {
  flag(command, "timescale-url", flags.timescale_url,
       "keep a copy of everything in this PostgreSQL or TimescaleDB: postgresql://USER:PASSWORD@HOST/DATABASE "
       "(better: --timescale-url-file); TIMESCALE_DB_URL does it, too");
  flag(command, "timescale-url-file", flags.timescale_url_file, "a file with that URL; TIMESCALE_DB_URL_FILE, too");
  flag(command, "timescale-schema", flags.timescale_schema, "the schema there in which the views for people are");
  flag(command, "mirror-journal-max", flags.mirror_journal_max,
       "how much of the journal is kept while the database is away; beyond it, readings are copied from the history");
  flag(command, "mirror-writes", flags.mirror_writes,
       "copy, or insert where COPY does not come through to the database: it takes more of its time");
}

}  // namespace

void declare_line_flags(CLI::App& command, Flags& flags) {
  flag(command, "default-building", flags.default_building, "the building of readings that name none");
  flag(command, "line-building-tags", flags.line_building_tags,
       "tags of line protocol that name the building, the first that a line has")
      ->join(',');
  flag(command, "line-room-tags", flags.line_room_tags, "tags that name the room")->join(',');
  flag(command, "line-sensor-tags", flags.line_sensor_tags,
       "tags that name the sensor: when they are others than these, they alone do, all of them that a line has")
      ->join(',');
  flag(command, "line-unit-tags", flags.line_unit_tags,
       "tags and fields of line protocol that say the unit of the line's readings; none: none do")
      ->join(',');
  flag(command, "line-fields", flags.line_fields,
       "which fields of line protocol may be readings: *, all; temperature,hum*, these alone; !uptime,!wifi_*, all but "
       "these")
      ->join(',');
  flag(command, "line-preset", flags.line_preset,
       "home-assistant: lines with the tags domain and entity_id are its own; or none");
  flag(command, "device-map", flags.device_map,
       "a CSV file: device,building,room of senders that know no rooms; read again when it changes");
  describe_flags(command);
}

// What is taken, how it is read, and what may be deleted.
void declare_reading_flags(CLI::App& command, Flags& flags) {
  flag(command, "range", flags.range,
       "which values are taken, in the unit that is kept: temperature=-40..60,humidity=0..100; empty: any")
      ->join(',');
  flag(command, "min-free-disk", flags.min_free_disk, "when less is free on the disk, writes are refused; 0: never");
  flag(command, "flush-readings", flags.flush_readings,
       "how many readings wait in memory before they are written to the history; 0: by the number of series");
  flag(command, "max-ahead", flags.max_ahead, "how far ahead of the clock a timestamp may be");
  flag(command, "series-max", flags.series_max, "how many series there may be");
  flag(command, "quantities-max", flags.quantities_max,
       "how many quantities there may be, temperature, humidity and the others that are built in not counted");
  flag(command, "quantities-per-sensor", flags.quantities_per_sensor,
       "how many of these a sensor may be the first to send; 0: any");
  flag(command, "reading-rules", flags.reading_rules,
       "current: a data folder of before reads names, units and sensors by the current rules from now on, for good");
  flag(command, "unknown-fields", flags.unknown_fields,
       "what is done with fields of JSON and CSV whose names are not known: ignore or refuse");
  command
      .add_flag("--require-reasons", flags.require_reasons,
                "nothing is deleted without a reason, which the audit keeps")
      ->envname(environment_name("require-reasons"));
}

void declare_serve_flags(CLI::App& command, Flags& flags) {
  flag(command, "listen", flags.listen, "where to serve; port 0 picks a free one");
  flag(command, "data-dir", flags.data_dir, "the folder that keeps everything");
  flag(command, "threads", flags.threads, "HTTP threads; 0: one for each core");
  command.add_flag("--dev", flags.dev, "no authentication; on loopback only")->envname(environment_name("dev"));
  flag(command, "host", flags.host,
       "a name under which browsers reach the service; may be repeated. --dev answers to it too")
      ->join(',');
  flag(command, "trusted-proxies", flags.trusted_proxies,
       "addresses and networks of proxies that are believed for whom they send: 10.0.0.0/8,2001:db8::/32 (Forwarded, "
       "X-Forwarded-For, X-Forwarded-Proto, PROXY protocol)")
      ->join(',');
  flag(command, "cors-origin", flags.cors_origin,
       "origins whose pages may ask the service and read its answers: https://dashboards.example.org; *: any, not with "
       "--dev")
      ->join(',');
  flag(command, "retention", flags.retention, "how long readings are kept: 400d, temperature=400d,co2=30d; 0: for ever")
      ->join(',');
  command
      .add_flag("--allow-short-retention", flags.allow_short_retention,
                "that --retention is below a day is meant; needed once for each data folder")
      ->envname(environment_name("allow-short-retention"));
  command
      .add_flag("--clock-is-right", flags.clock_is_right,
                "the clock that this start finds is right, however far it is from the last time that was known")
      ->envname(environment_name("clock-is-right"));
  declare_reading_flags(command, flags);
  declare_line_flags(command, flags);
  flag(command, kLogFormat, flags.log_format, "text or json");
  flag(command, "log-level", flags.log_level, "what is logged: debug, info, warning or error, and what is graver");
  flag(command, "access-log", flags.access_log,
       "a line for each request that gets an error (errors), for each (all), or for each error and one of N others");
  flag(command, "environment", flags.environment,
       "where this service runs, such as production or staging: its logs, metrics and error reports say so");
  flag(command, "sentry-dsn", flags.sentry_dsn,
       "report errors and crashes to Sentry, without names and readings; SENTRY_DSN does it, too");
  flag(command, "sentry-dsn-file", flags.sentry_dsn_file, "a file with that DSN");
  declare_database_flags(command, flags);
  flag(command, "admin-key", flags.admin_key, "the key that opens everything (better: --admin-key-file)");
  flag(command, "admin-key-file", flags.admin_key_file, "a file with that key; default: DATA_DIR/admin.key");
  flag(command, "audience", flags.audience, "what sensors' tokens must be for (\"aud\")");
  flag(command, "open", flags.open, "what needs no credential: docs, metrics, reads, or nothing");
  flag(command, "limit-sensor", flags.limit_sensor, "of each sensor: readings a second and at once (10:600), or off");
  flag(command, "limit-key", flags.limit_key, "the same of each API key");
  flag(command, "limit-service", flags.limit_service, "the same of all together");
  flag(command, "series-per-sensor", flags.series_per_sensor, "how many series a registered sensor may have; 0: any");
  flag(command, "connections-per-address", flags.connections_per_address, "how many an address may have; 0: any");
  flag(command, "tls-cert", flags.tls_cert, "serve TLS with this certificate chain (PEM); read again when it changes");
  flag(command, "tls-key", flags.tls_key, "the file with its private key (PEM)");
  flag(command, "stop-timeout", flags.stop_timeout,
       "how long it may take to stop: requests under way get half of it; what is not in the history by then stays in "
       "the "
       "journal");
  command.add_option("--config", flags.config, "a TOML file with flags as keys")->envname("TEMPERATURE_CONFIG");
  describe_flags(command);
}

Result<void> apply_config_file(CLI::App& command, Flags& flags) {
  if (flags.config.empty()) return {};
  const auto text = read_regular_file(flags.config, limits::kConfigBytesMax);
  if (!text) return failure(ErrorCode::startup, fmt::format("no configuration is had: {}", text.error().detail));
  std::istringstream file{std::string(without_byte_order_mark(*text))};
  try {
    auto items = CLI::ConfigTOML().from_config(file);
    // First how the log is written, in which all else that is wrong is told.
    std::ranges::stable_partition(items, [](const CLI::ConfigItem& item) { return item.name == kLogFormat; });
    for (const CLI::ConfigItem& item : items) {
      if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of a section
      CLI::Option* option = in_file(item.name) ? command.get_option_no_throw("--" + item.name) : nullptr;
      if (option == nullptr || !item.parents.empty()) {
        return failure(ErrorCode::usage,
                       fmt::format("the configuration {} has an unknown key \"{}\"; did you mean \"{}\"?", flags.config,
                                   item.fullname(), nearest_flag(command, item.name)));
      }
      if (option->count() > 0) continue;  // the command line and the environment go before the file
      option->add_result(item.inputs);
      option->run_callback();
    }
  } catch (const CLI::Error& error) {
    return failure(ErrorCode::usage, fmt::format("cannot read the configuration {}: {}", flags.config, error.what()));
  }
  return {};
}

bool asks_for_json_log(const CLI::App& command) {
  const CLI::Option* option = command.get_option("--" + std::string(kLogFormat));
  if (!option->results().empty()) return option->results().back() == "json";
  const char* value = std::getenv(option->get_envname().c_str());  // NOLINT(concurrency-mt-unsafe): there is one thread
  return value != nullptr && std::string_view(value) == "json";
}

std::string default_config(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (!in_file(name)) continue;
    const std::string value = option->get_default_str();
    const bool bare =
        option->get_expected_max() == 0 || option->get_type_name() == kNumber || option->get_type_name() == "UINT";
    out += fmt::format("# {}\n", option->get_description());
    if (bare) {
      out += fmt::format("{} = {}\n\n", name, value.empty() ? "false" : value);
    } else {
      out += fmt::format("{} = \"{}\"\n\n", name, value);
    }
  }
  return out;
}

std::string nearest_flag(const CLI::App& command, const std::string& key) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (in_file(option->get_single_name())) names.push_back(option->get_single_name());
  }
  return nearest(key, names);
}

}  // namespace temperature::config
