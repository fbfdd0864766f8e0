#include "model/field_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace temperature {
namespace {

using Field = ReadingField;
using Spelling = FieldSpelling;

constexpr std::array<std::string_view, kFields + 1> kOwnNames{"building", "room",      "sensor", "quantity",
                                                              "unit",     "timestamp", "value",  ""};

struct TableRow {
  std::string_view name;  // in lower case
  Field field;
  Spelling spelling = Spelling::alias;
};

constexpr std::array kTable{
    TableRow{"building_id", Field::building, Spelling::id},
    TableRow{"buildingid", Field::building},
    TableRow{"building_name", Field::building},
    TableRow{"room_id", Field::room, Spelling::id},
    TableRow{"roomid", Field::room},
    TableRow{"room_name", Field::room},
    TableRow{"sensor_id", Field::sensor, Spelling::id},
    TableRow{"sensorid", Field::sensor},
    TableRow{"sensor_name", Field::sensor},
    TableRow{"device", Field::sensor},
    TableRow{"device_id", Field::sensor},
    TableRow{"deviceid", Field::sensor},
    TableRow{"entity_id", Field::sensor},
    TableRow{"quantity_id", Field::quantity, Spelling::id},
    TableRow{"quantityid", Field::quantity},
    TableRow{"quantity_name", Field::quantity},
    TableRow{"measurand", Field::quantity},
    TableRow{"type", Field::quantity, Spelling::kind},
    TableRow{"kind", Field::quantity, Spelling::kind},
    TableRow{"metric", Field::quantity, Spelling::kind},
    TableRow{"measurement", Field::quantity, Spelling::kind},
    TableRow{"device_class", Field::quantity, Spelling::kind},
    TableRow{"units", Field::unit},
    TableRow{"uom", Field::unit},
    TableRow{"unit_of_measurement", Field::unit},
    TableRow{"unitofmeasurement", Field::unit},
    TableRow{"unit_of_measurement_str", Field::unit},
    TableRow{"unit_of_measure", Field::unit},
    TableRow{"unitofmeasure", Field::unit},
    TableRow{"time", Field::timestamp},
    TableRow{"_time", Field::timestamp},
    TableRow{"ts", Field::timestamp},
    TableRow{"ts_ms", Field::timestamp},
    TableRow{"time_ms", Field::timestamp},
    TableRow{"timestamp_ms", Field::timestamp},
    TableRow{"timestampms", Field::timestamp},
    TableRow{"epoch_ms", Field::timestamp},
    TableRow{"@timestamp", Field::timestamp},
    TableRow{"time_stamp", Field::timestamp},
    TableRow{"datetime", Field::timestamp},
    TableRow{"date_time", Field::timestamp},
    TableRow{"measured_at", Field::timestamp},
    TableRow{"measuredat", Field::timestamp},
    TableRow{"observed_at", Field::timestamp},
    TableRow{"observedat", Field::timestamp},

    TableRow{"unit_id", Field::unit, Spelling::untaken},
    TableRow{"unit_code", Field::unit, Spelling::untaken},
    TableRow{"unitcode", Field::unit, Spelling::untaken},
    TableRow{"unit_name", Field::unit, Spelling::untaken},
    TableRow{"unit_symbol", Field::unit, Spelling::untaken},
    TableRow{"temperature_unit", Field::unit, Spelling::untaken},
    TableRow{"temperatureunit", Field::unit, Spelling::untaken},
    TableRow{"temp_unit", Field::unit, Spelling::untaken},
    TableRow{"temperature_scale", Field::unit, Spelling::untaken},
    TableRow{"scale", Field::unit, Spelling::untaken},
    TableRow{"timestamp_id", Field::timestamp, Spelling::untaken},
    TableRow{"date", Field::timestamp, Spelling::untaken},
    TableRow{"epoch", Field::timestamp, Spelling::untaken},
    TableRow{"epoch_s", Field::timestamp, Spelling::untaken},
    TableRow{"epoch_us", Field::timestamp, Spelling::untaken},
    TableRow{"epoch_ns", Field::timestamp, Spelling::untaken},
    TableRow{"epochtime", Field::timestamp, Spelling::untaken},
    TableRow{"epoch_time", Field::timestamp, Spelling::untaken},
    TableRow{"unix", Field::timestamp, Spelling::untaken},
    TableRow{"unixtime", Field::timestamp, Spelling::untaken},
    TableRow{"unix_time", Field::timestamp, Spelling::untaken},
    TableRow{"unix_timestamp", Field::timestamp, Spelling::untaken},
    TableRow{"ts_s", Field::timestamp, Spelling::untaken},
    TableRow{"ts_us", Field::timestamp, Spelling::untaken},
    TableRow{"ts_ns", Field::timestamp, Spelling::untaken},
    TableRow{"time_s", Field::timestamp, Spelling::untaken},
    TableRow{"time_us", Field::timestamp, Spelling::untaken},
    TableRow{"time_ns", Field::timestamp, Spelling::untaken},
    TableRow{"timestamp_s", Field::timestamp, Spelling::untaken},
    TableRow{"timestamp_us", Field::timestamp, Spelling::untaken},
    TableRow{"timestamp_ns", Field::timestamp, Spelling::untaken},
    TableRow{"local_time", Field::timestamp, Spelling::untaken},
    TableRow{"localtime", Field::timestamp, Spelling::untaken},
    TableRow{"event_time", Field::timestamp, Spelling::untaken},
    TableRow{"eventtime", Field::timestamp, Spelling::untaken},
    TableRow{"created", Field::timestamp, Spelling::untaken},
    TableRow{"created_at", Field::timestamp, Spelling::untaken},
    TableRow{"createdat", Field::timestamp, Spelling::untaken},
    TableRow{"recorded_at", Field::timestamp, Spelling::untaken},
    TableRow{"recordedat", Field::timestamp, Spelling::untaken},
    TableRow{"received_at", Field::timestamp, Spelling::untaken},
    TableRow{"receivedat", Field::timestamp, Spelling::untaken},
    TableRow{"sent_at", Field::timestamp, Spelling::untaken},
    TableRow{"sentat", Field::timestamp, Spelling::untaken},
    TableRow{"logged_at", Field::timestamp, Spelling::untaken},
    TableRow{"updated", Field::timestamp, Spelling::untaken},
    TableRow{"updated_at", Field::timestamp, Spelling::untaken},
    TableRow{"updatedat", Field::timestamp, Spelling::untaken},
    TableRow{"last_updated", Field::timestamp, Spelling::untaken},
    TableRow{"last_changed", Field::timestamp, Spelling::untaken},
    TableRow{"last_seen", Field::timestamp, Spelling::untaken},
};

constexpr std::array<std::string_view, 15> kKnownQuantities{
    "temperature", "humidity", "pressure", "co2", "illuminance", "power", "energy", "voltage",
    "current",     "battery",  "voc",      "pm1", "pm25",        "pm10",  "noise"};

using LowerCase = std::array<char, kFieldNameBytesMax>;

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view in_lower_case(std::string_view text, LowerCase& room) {
  std::ranges::transform(text, room.begin(), to_lower);
  return {room.data(), text.size()};
}

// The rows by the length of their names, and where each length begins.
struct NameIndex {
  std::array<TableRow, kTable.size()> rows = kTable;
  std::array<std::size_t, kFieldNameBytesMax + 2> begins{};

  consteval NameIndex() {
    std::ranges::sort(rows, {}, [](const TableRow& row) { return row.name.size(); });
    for (std::size_t bytes = 0; bytes < begins.size(); ++bytes) {
      while (begins[bytes] < rows.size() && rows[begins[bytes]].name.size() < bytes) ++begins[bytes];
    }
  }
};
constexpr NameIndex kNameIndex;

}  // namespace

NamedField field_named(std::string_view name) {
  if (name.empty() || name.size() > kFieldNameBytesMax) return {};
  LowerCase room;
  const std::string_view lower = in_lower_case(name, room);
  for (std::size_t own = 0; own < kFields; ++own) {
    if (kOwnNames[own] != lower) continue;
    return {static_cast<Field>(own), kOwnNames[own] == name ? Spelling::exact : Spelling::alias};
  }
  for (std::size_t row = kNameIndex.begins[name.size()]; row < kNameIndex.begins[name.size() + 1]; ++row) {
    if (kNameIndex.rows[row].name == lower) return {kNameIndex.rows[row].field, kNameIndex.rows[row].spelling};
  }
  return {};
}

std::string_view name_of(ReadingField field) {
  return kOwnNames[std::to_underlying(field)];
}

std::optional<std::string_view> known_quantity(std::string_view text) {
  if (text.size() > kFieldNameBytesMax) return std::nullopt;
  LowerCase room;
  const auto known = std::ranges::find(kKnownQuantities, in_lower_case(text, room));
  return known == kKnownQuantities.end() ? std::nullopt : std::optional(*known);
}

}  // namespace temperature
