#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "config/mirror_settings.h"
#include "mapping/line_rules.h"
#include "model/reading_rules.h"
#include "model/retention.h"
#include "model/unknown_fields.h"
#include "model/value_ranges.h"

namespace temperature::limits {

// Series of one sensor when --series-per-sensor is not given; a reading of another series is refused (series_limit).
inline constexpr std::size_t kSeriesPerSensorDefault = 64;
// Connections of one client's address when --connections-per-address is not given; a further one is closed.
inline constexpr std::size_t kConnectionsPerAddressDefault = 1'024;
// Of --access-log: one of so many answers; a larger number is refused.
inline constexpr std::uint64_t kAccessLogSamplingMax = 1'000'000'000;
// Characters of --environment; a longer one is refused.
inline constexpr std::size_t kEnvironmentBytesMax = 64;
// Characters of SENTRY_RELEASE; a longer one is refused.
inline constexpr std::size_t kReleaseBytesMax = 200;

}  // namespace temperature::limits

namespace temperature::config {

enum class LogFormat : std::uint8_t { text, json };
enum class LogLevel : std::uint8_t { debug, info, warning, error };

// Readings a second, and at once; nothing a second: no limit.
struct Limit {
  double per_second = 0;
  double burst = 0;
};

// Where errors and crashes are reported to. Nowhere, unless a DSN or a file with one is given.
struct ErrorReports {
  std::string dsn;                 // as it was given: who reports reads it
  std::filesystem::path dsn_file;  // its first line is the DSN
  std::string environment;         // empty: not said
  std::string release;             // empty: that of the program
};

// What `serve` is told, checked.
struct Settings {
  std::string listen_address;
  std::uint16_t listen_port = 0;  // 0: a free one
  std::filesystem::path data_dir;
  std::size_t threads = 1;
  bool dev = false;                // no authentication; published.h says where it may listen
  std::vector<std::string> hosts;  // names of the service besides those of this machine
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> cors_origins;  // "*": any
  Retention retention;
  bool allow_short_retention = false;
  bool clock_is_right = false;
  ValueRanges ranges;
  std::string retention_text;  // as the flags say it, for who writes it down
  std::string ranges_text;
  std::uint64_t min_free_disk = 0;  // bytes
  std::size_t flush_readings = 0;   // 0: by the number of series
  Duration max_ahead{0};
  std::size_t series_max = 0;
  std::size_t quantities_max = 0;
  std::size_t quantities_per_sensor = 0;  // 0: any number
  std::string default_building;
  std::optional<ReadingRules> reading_rules;             // nullopt: those that the data folder has
  UnknownFields unknown_fields = UnknownFields::ignore;  // of JSON and CSV
  bool require_reasons = false;                          // of whoever deletes
  mapping::LineRules line_rules;
  std::filesystem::path device_map;  // empty: none
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;
  // The access log has every error and one of so many other answers; 0: errors alone; nullopt: there is none.
  std::optional<std::uint64_t> access_log;
  std::string environment;  // where it runs: production, staging; empty: not said
  ErrorReports error_reports;
  MirrorSettings mirror;
  std::string admin_key;                 // empty: from the file
  std::filesystem::path admin_key_file;  // empty: DATA_DIR/admin.key, made when it is not there
  std::string audience;                  // of sensors' tokens
  std::set<std::string> open;            // of "docs", "metrics", "reads": what needs no credential
  Limit limit_sensor;
  Limit limit_key;
  Limit limit_service;
  std::size_t series_per_sensor = 0;        // 0: any number
  std::size_t connections_per_address = 0;  // 0: any number
  std::filesystem::path tls_cert;           // empty: no TLS
  std::filesystem::path tls_key;
  Duration stop_timeout{0};
  std::vector<std::string> warnings;  // what is taken, and perhaps not meant; to be said
};

// The same as it was typed.
struct Flags {
  std::string listen = "127.0.0.1:8000";
  std::string data_dir = "./data";
  std::size_t threads = 0;  // 0: one for each core
  bool dev = false;
  std::string host;             // with commas between; empty: none
  std::string trusted_proxies;  // the same
  std::string cors_origin;      // the same
  std::string retention = "0";
  bool allow_short_retention = false;
  bool clock_is_right = false;
  std::string range;  // empty: none
  std::string min_free_disk = "1GiB";
  std::size_t flush_readings = 0;
  std::string max_ahead = "10m";
  std::size_t series_max = 2'000'000;
  std::size_t quantities_max = limits::kQuantitiesDefault;
  std::size_t quantities_per_sensor = limits::kQuantitiesPerSensorDefault;
  std::string default_building = "default";
  std::string reading_rules;  // empty: those that the data folder has
  std::string unknown_fields = "ignore";
  bool require_reasons = false;
  std::string line_building_tags = mapping::joined(mapping::LineRules().building_tags);
  std::string line_room_tags = mapping::joined(mapping::LineRules().room_tags);
  std::string line_sensor_tags = mapping::joined(mapping::LineRules().sensor_tags);
  std::string line_unit_tags = mapping::joined(mapping::LineRules().unit_tags);
  std::string line_fields = "*";
  std::string line_preset = "home-assistant";
  std::string device_map;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string access_log = "off";
  std::string environment;
  std::string sentry_dsn;
  std::string sentry_dsn_file;
  std::string sentry_environment;  // no flag: $SENTRY_ENVIRONMENT
  std::string sentry_release;      // no flag: $SENTRY_RELEASE
  std::string timescale_url;
  std::string timescale_url_file;
  std::string timescale_schema = kMirrorSchema;
  std::string mirror_journal_max = "1GiB";
  std::string mirror_writes = "copy";
  std::string admin_key;
  std::string admin_key_file;
  std::string audience = "temperature-service";
  std::string open = "docs";
  std::string limit_sensor = "10:600";
  std::string limit_key = "off";
  std::string limit_service = "off";
  std::size_t series_per_sensor = limits::kSeriesPerSensorDefault;
  std::size_t connections_per_address = limits::kConnectionsPerAddressDefault;
  std::string tls_cert;
  std::string tls_key;
  std::string stop_timeout = "8s";
  std::string config;  // a TOML file
};

// Error usage: names the flag and what it must be; startup: a file that names the mirror's database cannot be read.
// Reads of this process's environment kDevPublishedVariable and what else names that database (database_url.h).
Result<Settings> check(const Flags& flags);
Result<mapping::LineRules> check_line_rules(const Flags& flags);  // part of the above

// That of --log-format, as far as it is known: also before check(), and of flags that it refuses.
LogFormat log_format_of(const Flags& flags);
// That of --environment, if it can be one; else empty.
std::string environment_of(const Flags& flags);

}  // namespace temperature::config
