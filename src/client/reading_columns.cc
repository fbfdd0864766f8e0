#include "client/reading_columns.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace temperature::client {
namespace {

constexpr std::size_t kQuotedBytesMax = 40;  // of a bad field, in a message

std::string shown(std::string_view field) {
  if (!valid_utf8(field)) return "something that is no UTF-8";
  if (field.size() <= kQuotedBytesMax) return fmt::format("\"{}\"", field);
  std::size_t cut = kQuotedBytesMax;
  while (cut > 0 && (static_cast<unsigned char>(field[cut]) & 0xC0U) == 0x80U) --cut;
  return fmt::format("\"{}...\"", field.substr(0, cut));
}

// The column that has one of two names; an error when both do, or one does twice.
Result<std::optional<std::size_t>> find_column(std::span<const std::string_view> header, std::string_view name,
                                               std::string_view other_name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] != name && header[i] != other_name) continue;
    if (found) return failure(ErrorCode::startup, fmt::format("the header names the column \"{}\" twice", name));
    found = i;
  }
  return found;
}

std::optional<double> parse_value(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

Result<ReadingColumns> ReadingColumns::from_header(std::span<const std::string_view> header) {
  ReadingColumns columns;
  columns.columns_ = header.size();
  std::string missing;
  struct Needed {
    std::string_view name;
    std::string_view other_name;
    std::size_t* column;
  };
  for (const auto& [name, other_name, column] :
       {Needed{"timestamp", "timestamp", &columns.timestamp_}, Needed{"room_id", "room", &columns.room_},
        Needed{"sensor_id", "sensor", &columns.sensor_}, Needed{"value", "value", &columns.value_}}) {
    const auto found = find_column(header, name, other_name);
    if (!found) return std::unexpected(found.error());
    if (*found) *column = **found;
    if (!*found) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
  }
  if (!missing.empty()) {
    return failure(
        ErrorCode::startup,
        fmt::format("the header lacks {}; it must name timestamp,room_id,sensor_id,quantity,value", missing));
  }
  struct Possible {
    std::string_view name;
    std::string_view other_name;
    std::optional<std::size_t>* column;
  };
  for (const auto& [name, other_name, column] :
       {Possible{"building_id", "building", &columns.building_}, Possible{"quantity", "quantity", &columns.quantity_},
        Possible{"unit", "unit", &columns.unit_}}) {
    const auto found = find_column(header, name, other_name);
    if (!found) return std::unexpected(found.error());
    *column = *found;
  }
  return columns;
}

std::expected<OutgoingReading, std::string> ReadingColumns::read(std::span<const std::string_view> fields) const {
  if (fields.size() != columns_) {
    return std::unexpected(fmt::format("{} fields where the header has {}", fields.size(), columns_));
  }
  OutgoingReading reading;
  const auto timestamp = parse_timestamp(fields[timestamp_]);
  if (!timestamp) {
    return std::unexpected(
        fmt::format("the timestamp {} is neither RFC 3339 nor epoch milliseconds", shown(fields[timestamp_])));
  }
  const auto value = parse_value(fields[value_]);
  if (!value) return std::unexpected(fmt::format("the value {} is no finite number", shown(fields[value_])));
  reading.timestamp = *timestamp;
  reading.value = *value;
  reading.room = fields[room_];
  reading.sensor = fields[sensor_];
  if (building_) reading.building = fields[*building_];
  if (quantity_) reading.quantity = fields[*quantity_];
  if (quantity_ && reading.quantity.empty()) return std::unexpected("the quantity is empty");
  if (unit_) reading.unit = fields[*unit_];
  // One name that is no UTF-8 would spoil the whole request.
  for (const std::string_view name : {reading.room, reading.sensor, reading.building, reading.quantity, reading.unit}) {
    if (!valid_utf8(name)) return std::unexpected("a name is no UTF-8");
  }
  return reading;
}

}  // namespace temperature::client
