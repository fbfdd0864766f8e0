#include "cli/explain_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/time.h"
#include "config/serve_flags.h"
#include "config/settings.h"
#include "ingest/line_protocol.h"
#include "mapping/device_map.h"
#include "mapping/line_names.h"
#include "mapping/precision.h"

namespace temperature::cli {
namespace {

constexpr std::string_view kDefault = "the default";

using ingest::LineField;
using ingest::LineReader;

struct Options {
  config::Flags flags;
  std::string line;
  std::string precision = "ns";
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
  if (!precision) return failure(ErrorCode::startup, "--precision must be ns, us, ms, s, m or h");
  Rules all{std::move(*rules), {}, *precision, options.flags.default_building};
  if (options.flags.device_map.empty()) return all;
  auto devices = mapping::DeviceMap::read(options.flags.device_map);
  if (!devices) return std::unexpected(std::move(devices.error()));
  all.devices = std::move(*devices);
  return all;
}

void print_refused(std::string_view code, std::string_view why) {
  fmt::print("  refused   {}: {}\n", code, why);
}

void print_field(const LineField& field, const mapping::LineNames& names, mapping::MadeNames& made) {
  const std::string key = ingest::unescape_line_name(field.key, ingest::LineName::key_or_value);
  if (field.kind != LineField::Kind::number) {
    fmt::print("  field     {}: passed over, a {}\n", key, field.kind == LineField::Kind::text ? "string" : "boolean");
  } else if (const auto quantity = mapping::quantity_of(names, field.key, made)) {
    fmt::print("  field     {}: {} = {}{}\n", key, *quantity, field.number,
               key == "value" && !names.unit.empty() ? fmt::format(" {}", names.unit) : "");
  } else {
    fmt::print("  field     {}: passed over, an attribute of Home Assistant's\n", key);
  }
}

bool explain(const ingest::LinePoint& point, const Rules& by) {
  ingest::LineSeries series;
  if (const auto fault = series.read(point.series); fault != ingest::LineFault::none) {
    print_refused("malformed_line", text_of(fault));
    return false;
  }
  mapping::MadeNames made;
  const mapping::LineNames names = names_of(series, by.rules, by.devices, made);
  const auto named = [](std::string_view what, std::string_view name, std::string_view from) {
    if (name.empty()) return;
    fmt::print("  {:<9} {} ({}{})\n", what, name, from == mapping::kDeviceMap || from == kDefault ? "" : "tag ", from);
  };
  if (names.home_assistant) fmt::print("  preset    Home Assistant's\n");
  const bool no_building = names.building.empty();
  named("building", no_building ? std::string_view(by.default_building) : names.building,
        no_building ? kDefault : names.building_from);
  named("room", names.room, names.room_from);
  named("sensor", names.sensor, names.sensor_from);
  fmt::print("  time      {}\n",
             point.timestamp ? format_timestamp(timestamp_from_ms(to_milliseconds(*point.timestamp, by.precision)))
                             : "of arrival");
  for (const LineField& field : point.fields) print_field(field, names, made);
  if (!names.refused) return true;
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
  LineReader reader(options.line);
  ingest::LinePoint point;
  bool all_taken = true;
  bool any = false;
  for (auto found = reader.next(point); found != LineReader::Found::end; found = reader.next(point)) {
    any = true;
    fmt::print("line {}\n", point.line);
    if (found == LineReader::Found::fault) print_refused("malformed_line", text_of(reader.fault()));
    if (found == LineReader::Found::fault || !explain(point, *rules)) all_taken = false;
  }
  if (!any) fmt::print("there is no line: blank lines and comments are passed over\n");
  return all_taken ? 0 : 1;
}

constexpr const char* kExplainFooter =
    "Exit status 0: every line would be taken, as far as its words go; whether the timestamp and the value are\n"
    "admissible, the service decides when the line comes. 1: one would be refused. 2: a flag or the device map is "
    "wrong.";

}  // namespace

void add_explain_line(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("explain-line", "say what a line of InfluxDB's line protocol would become");
  const auto options = std::make_shared<Options>();
  command->add_option("LINE", options->line, "the line, or several")->required();
  command->add_option("--precision", options->precision, "the unit of the timestamp")->capture_default_str();
  config::declare_line_flags(*command, options->flags);
  command->footer(kExplainFooter);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace temperature::cli
