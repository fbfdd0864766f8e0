#include "cli/explain_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "catalogue/units.h"
#include "cli/choices.h"
#include "cli/compare_rules.h"
#include "config/serve_flags.h"
#include "config/settings.h"
#include "ingest/line_protocol.h"
#include "mapping/device_map.h"
#include "mapping/field_names.h"
#include "mapping/line_names.h"
#include "mapping/line_units.h"
#include "mapping/precision.h"
#include "mapping/sensor_name.h"
#include "mapping/text_numbers.h"

namespace temperature::cli {
namespace {

constexpr std::string_view kDefault = "the default";
constexpr std::size_t kUnusedBytesMax = 1'024;

using ingest::LineField;
using ingest::LineReader;

struct Options {
  config::Flags flags;
  std::string line;
  std::string precision = "ns";
  std::string compare;
  std::string reading_rules = "current";
};

// What a line is explained by.
struct Rules {
  mapping::LineRules rules;
  mapping::DeviceMap devices;
  mapping::Precision precision = mapping::Precision::nanoseconds;
  std::string default_building;
};

Result<Rules> read_rules(const Options& options) {
  auto rules = config::check_line_rules(options.flags);
  if (!rules) return std::unexpected(std::move(rules.error()));
  const auto precision = mapping::precision_of(options.precision);
  rules->reading_rules = options.reading_rules == "former" ? ReadingRules::former : ReadingRules::current;
  if (!precision) return failure(ErrorCode::usage, "--precision must be ns, us, ms, s, m or h");
  Rules all{std::move(*rules), {}, *precision, options.flags.default_building};
  if (options.flags.device_map.empty()) return all;
  auto devices = mapping::DeviceMap::read(options.flags.device_map, all.rules.reading_rules);
  if (!devices) return std::unexpected(std::move(devices.error()));
  all.devices = std::move(*devices);
  return all;
}

void print_refused(std::string_view code, std::string_view why) {
  fmt::print("  refused   {}: {}\n", code, why);
}

std::string key_of(const LineField& field) {
  return ingest::unescape_line_name(field.key, ingest::LineName::key_or_value);
}

// The value as it is sent and, where its unit is not the one that is kept, as it is kept.
void print_reading(const mapping::PointReading& reading, const mapping::LineNames& names) {
  const bool home_unit = reading.unit == Unit::unknown && reading.field->key == mapping::kValueField;
  const std::string_view unit = home_unit ? names.unit : catalogue::unit_name(reading.unit);
  fmt::print("  field     {}: {} = {}{}{}", key_of(*reading.field), reading.quantity, reading.field->number,
             unit.empty() ? "" : " ", unit);
  const Unit kept = catalogue::kept_unit(reading.quantity);
  if (reading.unit != kept && catalogue::convertible(reading.unit, kept)) {
    fmt::print(", which is {} {}", catalogue::converted(reading.field->number, {reading.unit, kept}),
               catalogue::unit_name(kept));
  }
  fmt::print("{}\n", reading.shared ? " (if the quantity has such a unit)" : "");
}

// Says what becomes of each field. False when a reading of the line is refused.
bool print_fields(const ingest::LinePoint& point, const ingest::LineSeries& series, const mapping::LineNames& names,
                  const mapping::LineRules& rules, mapping::MadeNames& made) {
  const bool units = rules.reading_rules == ReadingRules::current;
  mapping::LineUnit unit = units ? mapping::unit_of(series, rules, made) : mapping::LineUnit{};
  std::vector<mapping::PointReading> readings;
  std::vector<LineField> fields = point.fields;
  bool others_left_out = false;
  for (LineField& field : fields) {
    const auto meaning = mapping::meaning_of(names, field.key, rules.reading_rules, made);
    if (units && field.kind == LineField::Kind::text && mapping::is_unit_key(rules, field.key)) {
      unit.add({field.key, field.text()});
      continue;
    }
    const bool is_number = field.kind == LineField::Kind::number || field.kind == LineField::Kind::bad_number;
    const bool taken = rules.fields.takes(field.key);
    if (is_number && !taken) {
      fmt::print("  field     {}: passed over, --line-fields does not take it\n", key_of(field));
      others_left_out = true;
      continue;
    }
    if (field.kind == LineField::Kind::text && taken && meaning.reading &&
        mapping::takes_text(field.key, rules.reading_rules)) {
      if (const auto number = mapping::number_in(field.text())) {
        field.kind = LineField::Kind::number;
        field.number = *number;
      }
    }
    if (field.kind == LineField::Kind::bad_number && meaning.reading) {
      fmt::print("  field     {}: refused alone, {} is no number that can be kept\n", key_of(field), field.text());
    } else if (field.kind == LineField::Kind::boolean || field.kind == LineField::Kind::text) {
      fmt::print("  field     {}: passed over, a {}\n", key_of(field),
                 field.kind == LineField::Kind::text ? "string" : "boolean");
    } else if (meaning.reading) {
      readings.push_back({&field, meaning.quantity, meaning.unit});
    } else {
      fmt::print("  field     {}: passed over, an attribute of Home Assistant's\n", key_of(field));
    }
  }
  if (unit.unit != Unit::unknown) {
    fmt::print("  unit      {} ({})\n", catalogue::unit_name(unit.unit), unit.known.key);
  }
  if (!unit.unknown.key.empty()) {
    fmt::print("  unit      {}: \"{}\" is no unit that is known; it is passed over\n", unit.unknown.key,
               unit.unknown.text);
  }
  mapping::PointJudgement judgement;
  const std::vector<mapping::PointReading> all = readings;
  if (units) mapping::judge(readings, unit, true, others_left_out, names, judgement);
  for (const auto& reading : readings) print_reading(reading, names);
  for (const auto& each : all) {
    if (judgement.refused.empty() &&
        std::ranges::find(readings, each.field, &mapping::PointReading::field) == readings.end()) {
      fmt::print("  field     {}: passed over, another field says the same\n", key_of(*each.field));
    }
  }
  bool all_taken = judgement.refused.empty();
  for (const Error& error : judgement.refused) print_refused(traits(error.code).code, error.detail);
  for (const auto& reading : readings) {
    const Unit kept = catalogue::kept_unit(reading.quantity);
    if (kept == Unit::unknown || reading.unit == Unit::unknown || catalogue::convertible(reading.unit, kept)) continue;
    print_refused("unit_mismatch", fmt::format("unit \"{}\" is not the unit of {}", catalogue::unit_name(reading.unit),
                                               reading.quantity));
    all_taken = false;
  }
  return all_taken;
}

// What stands before the keys of tags where they are named; nothing before what is no tag.
std::string_view tags_before(std::string_view from) {
  if (from == mapping::kDeviceMap || from == mapping::kMeasurement || from == kDefault) return "";
  return from.contains(", ") ? "tags " : "tag ";
}

// Which rule named the sensor.
std::string rule_of(const mapping::LineNames& names, const mapping::LineRules& rules) {
  if (names.home_assistant) return "Home Assistant's preset: entity_id names the sensor";
  if (rules.reading_rules == ReadingRules::former) {
    return "former: the first of the sensor's tags names the sensor";
  }
  if (names.sensor_from == mapping::kMeasurement) return "current: no tag names the sensor, so the measurement does";
  if (mapping::names_by_given_tags(rules)) return "current: the tags of --line-sensor-tags name the sensor";
  if (names.sensor_tags == 1) return "current: one tag alone names the sensor";
  return "current: all tags that identify name the sensor";
}

// `line`: as it stands, for its tags.
bool explain(const ingest::LinePoint& point, std::string_view line, const Rules& by) {
  ingest::LineSeries series;
  if (const auto fault = series.read(point.series); fault != ingest::LineFault::none) {
    print_refused("malformed_line", text_of(fault));
    return false;
  }
  mapping::MadeNames made;
  const mapping::LineNames names = names_of(series, by.rules, by.devices, made);
  const auto named = [](std::string_view what, std::string_view name, std::string_view from) {
    if (name.empty()) return;
    fmt::print("  {:<9} {} ({}{})\n", what, name, tags_before(from), from);
  };
  fmt::print("  rules     {}\n", rule_of(names, by.rules));
  if (names.home_assistant) fmt::print("  preset    Home Assistant's\n");
  const bool no_building = names.building.empty();
  named("building", no_building ? std::string_view(by.default_building) : names.building,
        no_building ? kDefault : names.building_from);
  named("room", names.room, names.room_from);
  named("sensor", names.sensor, names.sensor_from);
  if (!names.device_from.empty() && names.other_device_from.empty()) {
    fmt::print("  device    found in the device map by {}{}\n", tags_before(names.device_from), names.device_from);
  }
  if (const std::string unused = mapping::unused_tags(line, by.rules, {}, kUnusedBytesMax); !unused.empty()) {
    fmt::print("  unused    {}\n", unused);
  }
  fmt::print(
      "  time      {}\n",
      point.timestamp
          ? format_timestamp(timestamp_from_ms(to_milliseconds(*point.timestamp, by.precision) + point.thousandths))
          : "of arrival");
  const bool taken = print_fields(point, series, names, by.rules, made);
  if (!names.refused) return taken;
  const Error refused = refusal_of(names, by.rules);
  print_refused(traits(refused.code).code, refused.detail);
  return false;
}

int run(const Options& options) {
  const auto rules = read_rules(options);
  if (!rules) {
    fmt::print(stderr, "temperature-service: {}\n", rules.error().detail);
    return 2;
  }
  if (!options.compare.empty()) {
    return compare_rules(options.compare, {rules->rules, rules->devices, rules->default_building});
  }
  if (options.line.empty()) {
    fmt::print(stderr, "temperature-service: a LINE or --compare FILE is needed\n");
    return 2;
  }
  using Decimals = LineReader::Decimals;
  LineReader reader(options.line,
                    rules->precision == mapping::Precision::seconds ? Decimals::taken : Decimals::refused);
  ingest::LinePoint point;
  bool all_taken = true;
  bool any = false;
  for (auto found = reader.next(point); found != LineReader::Found::end; found = reader.next(point)) {
    any = true;
    fmt::print("line {}\n", point.line);
    if (found == LineReader::Found::fault) print_refused("malformed_line", text_of(reader.fault()));
    if (found == LineReader::Found::fault || !explain(point, reader.text(), *rules)) all_taken = false;
  }
  if (!any) fmt::print("there is no line: blank lines and comments are passed over\n");
  return all_taken ? 0 : 1;
}

constexpr const char* kExplainFooter =
    "Exit status 0: every line would be taken, as far as its words go; whether the timestamp and the value are "
    "admissible, the service decides when the line comes. 1: one would be refused. 2: a flag or the device map is "
    "wrong.\nWith --compare: 0 when both rules name every series alike, 1 when they do not.";

}  // namespace

void add_explain_line(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("explain-line", "say what a line of InfluxDB's line protocol would become");
  const auto options = std::make_shared<Options>();
  command->add_option("LINE", options->line, "the line, or several");
  command
      ->add_option("--reading-rules", options->reading_rules,
                   "current, or former: those of data folders that were made before there were others")
      ->check(one_of({"current", "former"}))
      ->capture_default_str();
  command
      ->add_option("--compare", options->compare,
                   "a file of lines: list the series that the former and the current rules name differently")
      ->type_name("FILE");
  command->add_option("--precision", options->precision, "the unit of the timestamp: ns, us, ms, s, m or h")
      ->type_name("UNIT")
      ->capture_default_str();
  config::declare_line_flags(*command, options->flags);
  command->footer(kExplainFooter);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace temperature::cli
