#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/size_text.h"
#include "base/utf8.h"
#include "config/environment.h"
#include "config/listen_address.h"
#include "config/published.h"
#include "model/flush_limits.h"
#include "model/name_limits.h"

namespace temperature::config {
namespace {

constexpr std::size_t kThreadsMax = 256;
constexpr std::size_t kSeriesMaxMax = 100'000'000;
constexpr Duration kStopTimeoutMin{2'000};
constexpr Duration kStopTimeoutMax{3'600'000};

// Ends the start: the words that were given cannot be used.
auto startup(std::string detail) {
  return failure(ErrorCode::usage, std::move(detail));
}

// Error usage: `value` is none of the choices; names the nearest.
Result<void> check_choice(std::string_view flag, const std::string& value, const std::vector<std::string>& choices) {
  if (std::ranges::find(choices, value) != choices.end()) return {};
  return startup(fmt::format("{} must be {}, not \"{}\"{}", flag, fmt::join(choices, " or "), value,
                             did_you_mean(value, choices)));
}

Result<void> set_listen(const Flags& flags, Settings& settings) {
  auto listen = parse_listen_address(flags.listen);
  if (!listen) return std::unexpected(std::move(listen.error()));
  settings.listen_address = std::move(listen->address);
  settings.listen_port = listen->port;
  settings.dev = flags.dev;
  if (!settings.dev) return {};
  const char* published = std::getenv(kDevPublishedVariable);  // NOLINT(concurrency-mt-unsafe): there is one thread
  if (auto refusal = why_dev_may_not_listen(settings.listen_address, published, {}))
    return startup(std::move(*refusal));
  return {};
}

Result<Duration> duration_of(std::string_view flag, const std::string& text) {
  if (const auto duration = parse_duration(text)) return *duration;
  return startup(fmt::format("{} must be a duration such as 90s, 15m, 1h or 7d, not \"{}\"", flag, text));
}

// "10:600": ten a second, 600 at once. The second number may be left out: what comes in a minute. "off": no limit.
Result<Limit> limit_of(std::string_view flag, const std::string& text) {
  if (text == "off" || text == "0") return Limit();
  constexpr double kRateMax = 1e9;
  constexpr double kBurstSeconds = 60;
  const auto number = [](std::string_view digits) {
    double value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool good = error == std::errc() && stop == digits.data() + digits.size() && value > 0 && value <= kRateMax;
    return good ? value : 0;
  };
  const auto colon = text.find(':');
  Limit limit;
  limit.per_second = number(std::string_view(text).substr(0, colon));
  limit.burst = colon == std::string::npos ? std::max(1.0, limit.per_second * kBurstSeconds)
                                           : number(std::string_view(text).substr(colon + 1));
  if (limit.per_second > 0 && limit.burst >= 1) return limit;
  return startup(
      fmt::format("{} must be readings a second and at once such as 10:600, or off, not \"{}\"", flag, text));
}

Result<void> set_access(const Flags& flags, Settings& settings) {
  if (!flags.admin_key.empty() && !flags.admin_key_file.empty()) {
    return startup("--admin-key and --admin-key-file are both given; one is enough");
  }
  settings.hosts = mapping::split(flags.host);
  settings.trusted_proxies = mapping::split(flags.trusted_proxies);
  settings.cors_origins = mapping::split(flags.cors_origin);
  settings.admin_key = flags.admin_key;
  settings.admin_key_file = flags.admin_key_file;
  if (flags.audience.empty()) return startup("--audience must not be empty");
  settings.audience = flags.audience;
  for (std::size_t begin = 0; begin < flags.open.size();) {
    const auto end = std::min(flags.open.find(',', begin), flags.open.size());
    const std::string what = flags.open.substr(begin, end - begin);
    if (what != "docs" && what != "metrics" && what != "reads" && what != "nothing") {
      return startup(fmt::format("--open takes docs, metrics and reads with commas between, or nothing; not \"{}\"{}",
                                 what,
                                 did_you_mean(what, std::vector<std::string>{"docs", "metrics", "reads", "nothing"})));
    }
    settings.open.insert(what);
    begin = end + 1;
  }
  for (const auto& [name, text, limit] :
       {std::tuple("--limit-sensor", &flags.limit_sensor, &settings.limit_sensor),
        std::tuple("--limit-key", &flags.limit_key, &settings.limit_key),
        std::tuple("--limit-service", &flags.limit_service, &settings.limit_service)}) {
    auto read = limit_of(name, *text);
    if (!read) return std::unexpected(std::move(read.error()));
    *limit = *read;
  }
  if (flags.series_per_sensor > kSeriesMaxMax) {
    return startup(fmt::format("--series-per-sensor must be from 0 to {}", kSeriesMaxMax));
  }
  settings.series_per_sensor = flags.series_per_sensor;
  settings.connections_per_address = flags.connections_per_address;
  if (flags.tls_cert.empty() != flags.tls_key.empty()) return startup("--tls-cert and --tls-key go together");
  settings.tls_cert = flags.tls_cert;
  settings.tls_key = flags.tls_key;
  return {};
}

// "400d" for all, "temperature=400d,co2=30d" for some; both together.
Result<void> set_retention(std::string_view text, Retention& retention) {
  do {
    const std::string_view each = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), each.size() + 1));
    const auto equals = each.rfind('=');
    const auto length = parse_duration(equals == std::string_view::npos ? each : each.substr(equals + 1));
    if (!length || equals == 0) {
      return startup(fmt::format(
          "--retention must be a duration such as 400d, or 0, or one for a quantity such as co2=30d, not \"{}\"",
          each));
    }
    if (equals == std::string_view::npos) {
      retention.keep_others(*length);
    } else {
      retention.keep(each.substr(0, equals), *length);
    }
  } while (!text.empty());
  return {};
}

// "temperature=-40..60,humidity=0..100"
Result<void> set_ranges(std::string_view text, ValueRanges& ranges) {
  const auto number = [](std::string_view digits) -> std::optional<double> {
    double value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || stop != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
    return value;
  };
  std::set<std::string_view> named;
  while (!text.empty()) {
    const std::string_view each = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), each.size() + 1));
    const auto equals = each.rfind('=');
    const auto dots = equals == std::string_view::npos ? equals : each.find("..", equals);
    const auto lowest =
        dots == std::string_view::npos ? std::nullopt : number(each.substr(equals + 1, dots - equals - 1));
    const auto highest = dots == std::string_view::npos ? std::nullopt : number(each.substr(dots + 2));
    if (!lowest || !highest || equals == 0 || *lowest > *highest) {
      return startup(fmt::format("--range must be QUANTITY=MIN..MAX such as temperature=-40..60, not \"{}\"", each));
    }
    const std::string_view quantity = each.substr(0, equals);
    if (!named.insert(quantity).second) return startup(fmt::format("--range names {} twice", quantity));
    if (quantity == kQuantityDefault && *highest < kAbsoluteZero) {
      return startup(fmt::format("--range of temperature ends below absolute zero, {} °C", kAbsoluteZero));
    }
    ranges.keep(quantity, {*lowest, *highest});
  }
  return {};
}

// "off", "errors", "all", or "100": one of so many.
Result<void> set_access_log(const std::string& text, Settings& settings) {
  settings.access_log.reset();
  if (text == "off") return {};
  std::uint64_t sampling = text == "all" ? 1 : 0;
  if (text != "errors" && text != "all") {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), sampling);
    if (error != std::errc() || stop != text.data() + text.size() || sampling == 0 ||
        sampling > limits::kAccessLogSamplingMax) {
      return startup(fmt::format(
          "--access-log must be off, errors, all, or a number N from 1 to {}: one line for N answers, and for each "
          "error; not \"{}\"{}",
          limits::kAccessLogSamplingMax, text, did_you_mean(text, std::vector<std::string>{"off", "errors", "all"})));
    }
  }
  settings.access_log = sampling;
  return {};
}

Result<void> set_log(const Flags& flags, Settings& settings) {
  if (auto known = check_choice("--log-format", flags.log_format, {"text", "json"}); !known) return known;
  if (auto known = check_choice("--log-level", flags.log_level, {"debug", "info", "warning", "error"}); !known) {
    return known;
  }
  settings.log_format = log_format_of(flags);
  for (const auto& [name, level] : {std::pair("debug", LogLevel::debug), std::pair("info", LogLevel::info),
                                    std::pair("warning", LogLevel::warning), std::pair("error", LogLevel::error)}) {
    if (flags.log_level == name) settings.log_level = level;
  }
  return set_access_log(flags.access_log, settings);
}

// How many of what there may be.
Result<void> set_counts(const Flags& flags, Settings& settings) {
  if (flags.series_max == 0 || flags.series_max > kSeriesMaxMax) {
    return startup(fmt::format("--series-max must be from 1 to {}", kSeriesMaxMax));
  }
  settings.series_max = flags.series_max;
  if (flags.quantities_max == 0 || flags.quantities_max > limits::kQuantitiesMax) {
    return startup(fmt::format("--quantities-max must be from 1 to {}", limits::kQuantitiesMax));
  }
  settings.quantities_max = flags.quantities_max;
  if (flags.quantities_per_sensor > limits::kQuantitiesMax) {
    return startup(fmt::format("--quantities-per-sensor must be from 0 to {}", limits::kQuantitiesMax));
  }
  settings.quantities_per_sensor = flags.quantities_per_sensor;
  return {};
}

// What Sentry takes for the name of an environment is the narrowest of what receives it.
bool can_be_environment(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return name.size() <= limits::kEnvironmentBytesMax && std::ranges::all_of(name, plain) && name != "None";
}

Result<void> check_environment(std::string_view source, const std::string& name) {
  if (can_be_environment(name)) return {};
  return startup(fmt::format("{} must have at most {} letters, digits, -, _ and ., such as production", source,
                             limits::kEnvironmentBytesMax));
}

// The same of a release, which may have more of ASCII, but is no path.
Result<void> check_release(const std::string& release) {
  const auto good = [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != '\\'; };
  if (release.size() <= limits::kReleaseBytesMax && std::ranges::all_of(release, good)) return {};
  return startup(fmt::format("SENTRY_RELEASE must have at most {} characters of ASCII without blanks and slashes",
                             limits::kReleaseBytesMax));
}

Result<void> set_environment(const Flags& flags, Settings& settings) {
  if (auto good = check_environment("--environment", flags.environment); !good) return good;
  settings.environment = flags.environment;
  return {};
}

Result<void> set_error_reports(const Flags& flags, Settings& settings) {
  ErrorReports& reports = settings.error_reports;
  reports.environment = flags.environment;
  if (flags.sentry_dsn.empty() && flags.sentry_dsn_file.empty()) return {};
  if (!flags.sentry_dsn.empty() && !flags.sentry_dsn_file.empty()) {
    return startup("a Sentry DSN and --sentry-dsn-file are both given; one is enough");
  }
  reports.dsn = flags.sentry_dsn;
  reports.dsn_file = flags.sentry_dsn_file;
  if (reports.environment.empty()) {
    if (auto good = check_environment("SENTRY_ENVIRONMENT", flags.sentry_environment); !good) return good;
    reports.environment = flags.sentry_environment;
  }
  if (auto good = check_release(flags.sentry_release); !good) return good;
  reports.release = flags.sentry_release;
  return {};
}

Result<void> set_stop(const Flags& flags, Settings& settings) {
  const auto stop_timeout = duration_of("--stop-timeout", flags.stop_timeout);
  if (!stop_timeout) return std::unexpected(stop_timeout.error());
  if (*stop_timeout < kStopTimeoutMin || *stop_timeout > kStopTimeoutMax) {
    return startup(fmt::format("--stop-timeout must be from 2s to 1h, not \"{}\"", flags.stop_timeout));
  }
  settings.stop_timeout = *stop_timeout;
  return {};
}

}  // namespace

LogFormat log_format_of(const Flags& flags) {
  return flags.log_format == "json" ? LogFormat::json : LogFormat::text;
}

std::string environment_of(const Flags& flags) {
  return can_be_environment(flags.environment) ? flags.environment : "";
}

Result<Settings> check(const Flags& flags) {
  Settings settings;
  if (auto listen = set_listen(flags, settings); !listen) return std::unexpected(std::move(listen.error()));
  settings.data_dir = flags.data_dir;
  if (flags.data_dir.empty()) return startup("--data-dir must name a folder");
  settings.threads = flags.threads != 0 ? flags.threads : std::max(1U, std::thread::hardware_concurrency());
  if (settings.threads > kThreadsMax) return startup(fmt::format("--threads must be from 1 to {}", kThreadsMax));
  if (auto kept = set_retention(flags.retention, settings.retention); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  settings.allow_short_retention = flags.allow_short_retention;
  settings.clock_is_right = flags.clock_is_right;
  settings.retention_text = flags.retention;
  settings.ranges_text = flags.range;
  if (auto set = set_ranges(flags.range, settings.ranges); !set) return std::unexpected(std::move(set.error()));
  const auto min_free_disk = parse_size(flags.min_free_disk);
  if (!min_free_disk) {
    return startup(
        fmt::format("--min-free-disk must be a size such as 1GiB, 500MiB or 0, not \"{}\"", flags.min_free_disk));
  }
  settings.min_free_disk = *min_free_disk;
  if (flags.flush_readings > limits::kUnflushedReadingsMax) {
    return startup(fmt::format("--flush-readings must be from 0 to {}", limits::kUnflushedReadingsMax));
  }
  settings.flush_readings = flags.flush_readings;
  const auto max_ahead = duration_of("--max-ahead", flags.max_ahead);
  if (!max_ahead) return std::unexpected(max_ahead.error());
  settings.max_ahead = *max_ahead;
  if (auto most = set_counts(flags, settings); !most) return std::unexpected(std::move(most.error()));
  const std::string& building = flags.default_building;
  if (building.empty() || building.size() > limits::kNameBytesMax || !valid_utf8(building) ||
      has_control_characters(building)) {
    return startup(fmt::format("--default-building must have 1 to {} bytes of UTF-8 without control characters",
                               limits::kNameBytesMax));
  }
  settings.default_building = building;
  if (!flags.reading_rules.empty() && flags.reading_rules != "current") {
    return startup(
        fmt::format("--reading-rules must be current, or left out: then the data folder keeps the rules "
                    "that it has; not \"{}\"",
                    flags.reading_rules));
  }
  if (!flags.reading_rules.empty()) settings.reading_rules = ReadingRules::current;
  if (auto known = check_choice("--unknown-fields", flags.unknown_fields, {"ignore", "refuse"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  settings.unknown_fields = flags.unknown_fields == "refuse" ? UnknownFields::refuse : UnknownFields::ignore;
  settings.require_reasons = flags.require_reasons;
  auto line_rules = check_line_rules(flags);
  if (!line_rules) return std::unexpected(std::move(line_rules.error()));
  settings.line_rules = std::move(*line_rules);
  settings.device_map = flags.device_map;
  if (auto log = set_log(flags, settings); !log) return std::unexpected(std::move(log.error()));
  if (auto named = set_environment(flags, settings); !named) return std::unexpected(std::move(named.error()));
  if (auto set = set_error_reports(flags, settings); !set) return std::unexpected(std::move(set.error()));
  auto mirror = check_mirror(flags, process_environment());
  if (!mirror) return std::unexpected(std::move(mirror.error()));
  settings.mirror = std::move(*mirror);
  if (auto access = set_access(flags, settings); !access) return std::unexpected(std::move(access.error()));
  if (auto stop = set_stop(flags, settings); !stop) return std::unexpected(std::move(stop.error()));
  if (!is_loopback(settings.listen_address) && settings.tls_cert.empty() && !settings.dev) {
    settings.warnings.push_back(fmt::format(
        "keys and readings that come to {} over a network can be read and changed on their way: serve TLS with "
        "--tls-cert and --tls-key, or have a proxy in front that does",
        flags.listen));
  }
  return settings;
}

Result<mapping::LineRules> check_line_rules(const Flags& flags) {
  mapping::LineRules rules;
  rules.building_tags = mapping::split(flags.line_building_tags);
  rules.room_tags = mapping::split(flags.line_room_tags);
  rules.sensor_tags = mapping::split(flags.line_sensor_tags);
  rules.unit_tags = mapping::split(flags.line_unit_tags == "none" ? "" : flags.line_unit_tags);
  if (rules.sensor_tags.empty()) return startup("--line-sensor-tags must name a tag, or several with commas between");
  auto fields = mapping::LineFields::parse(flags.line_fields);
  if (!fields) {
    return startup(fmt::format(
        "--line-fields must be *, or names of fields with commas between, or names with a ! before each of them; "
        "at most {}; not \"{}\"",
        limits::kLineFieldsNamed, flags.line_fields));
  }
  rules.fields = std::move(*fields);
  if (auto known = check_choice("--line-preset", flags.line_preset, {"home-assistant", "none"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  rules.home_assistant = flags.line_preset == "home-assistant";
  return rules;
}

}  // namespace temperature::config
