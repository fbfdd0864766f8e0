#include "ingest/csv.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/time.h"
#include "ingest/csv_rows.h"
#include "ingest/json_scalar.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::ingest {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // spreadsheets write it

enum class Column : std::uint8_t { building, room, sensor, quantity, unit, timestamp, value, other };
constexpr std::size_t kColumns = static_cast<std::size_t>(Column::other);
constexpr std::array<std::string_view, kColumns> kColumnNames{"building", "room",      "sensor", "quantity",
                                                              "unit",     "timestamp", "value"};

Column column_of(std::string_view name) {
  if (name.ends_with("_id")) name.remove_suffix(3);
  const auto at = std::ranges::find(kColumnNames, name);
  return static_cast<Column>(at - kColumnNames.begin());
}

// Where each column stands in a row.
struct Header {
  std::array<std::optional<std::size_t>, kColumns> places;
  std::size_t columns = 0;

  static Result<Header> read(const std::vector<std::string_view>& names) {
    Header header;
    header.columns = names.size();
    for (std::size_t place = 0; place < names.size(); ++place) {
      const Column column = column_of(names[place]);
      if (column == Column::other) continue;
      auto& its = header.places[static_cast<std::size_t>(column)];
      if (its) return bad("names the column \"" + std::string(names[place]) + "\" twice");
      its = place;
    }
    for (const Column required : {Column::room, Column::sensor, Column::value}) {
      if (header.places[static_cast<std::size_t>(required)]) continue;
      return bad("has no column \"" + std::string(kColumnNames[static_cast<std::size_t>(required)]) + "\"");
    }
    return header;
  }

  static std::unexpected<Error> bad(const std::string& what) {
    return failure(ErrorCode::malformed_body,
                   "the first row of CSV must be a header such as timestamp,room,sensor,value: it " + what);
  }

  [[nodiscard]] std::string_view field(const std::vector<std::string_view>& row, Column column) const {
    const auto& place = places[static_cast<std::size_t>(column)];
    return place ? row[*place] : std::string_view();
  }
};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, limits::kNameBytesMax)) + "\"";
}

// What is wrong with a row's timestamp or value.
std::optional<Error> read_numbers(const Header& header, const std::vector<std::string_view>& row, RawReading& reading) {
  const std::string_view value = header.field(row, Column::value);
  if (value.empty()) return Error{ErrorCode::field_missing, "field \"value\" is missing"};
  const JsonNumber number = read_json_number(value);
  if (number.kind == JsonNumber::Kind::malformed) {
    return Error{ErrorCode::field_type, "field \"value\" must be a number, not " + quoted(value)};
  }
  if (number.kind == JsonNumber::Kind::too_large) {
    return Error{ErrorCode::value_invalid, "field \"value\" is too large for a double: " + quoted(value)};
  }
  reading.value = number.value;
  const std::string_view timestamp = header.field(row, Column::timestamp);
  if (timestamp.empty()) return std::nullopt;
  const JsonNumber whole = read_json_number(timestamp);
  if (whole.kind == JsonNumber::Kind::whole) {
    reading.timestamp_ms = whole.whole;
    return std::nullopt;
  }
  const auto moment = parse_rfc3339(timestamp);
  if (!moment) {
    return Error{ErrorCode::timestamp_invalid,
                 "field \"timestamp\" is no moment in RFC 3339 or milliseconds since 1970: " + quoted(timestamp)};
  }
  reading.timestamp_ms = to_ms(*moment);
  return std::nullopt;
}

std::optional<Error> read_row(const Header& header, const std::vector<std::string_view>& row, RawReading& reading) {
  if (row.size() != header.columns) {
    return Error{ErrorCode::malformed_line,
                 "the row has " + std::to_string(row.size()) + " fields, the header " + std::to_string(header.columns)};
  }
  reading.building = header.field(row, Column::building);
  reading.room = header.field(row, Column::room);
  reading.sensor = header.field(row, Column::sensor);
  reading.quantity = header.field(row, Column::quantity);
  reading.unit = header.field(row, Column::unit);
  if (reading.room.empty()) return Error{ErrorCode::field_missing, "field \"room\" is missing"};
  if (reading.sensor.empty()) return Error{ErrorCode::field_missing, "field \"sensor\" is missing"};
  return read_numbers(header, row, reading);
}

}  // namespace

Result<void> parse_csv(std::string& body, Parsed& parsed) {
  parsed.clear();
  if (body.starts_with(kByteOrderMark)) body.erase(0, kByteOrderMark.size());
  CsvRows rows(body);
  if (rows.next() != CsvRows::Found::row) return Header::bad("is missing");
  const auto header = Header::read(rows.fields());
  if (!header) return std::unexpected(header.error());
  std::uint32_t index = 0;
  for (auto found = rows.next(); found != CsvRows::Found::end; found = rows.next(), ++index) {
    if (index == limits::kReadingsPerBatchMax) {
      parsed.clear();
      return failure(ErrorCode::too_many_readings, "there are too many readings in one request: send them in several");
    }
    std::optional<Error> fault;
    RawReading& reading = parsed.readings.emplace_back();
    reading.index = index;
    if (found == CsvRows::Found::fault) {
      fault = Error{ErrorCode::malformed_line, "a quote in the row does not end, or something follows it"};
    } else {
      fault = read_row(*header, rows.fields(), reading);
    }
    if (!fault) continue;
    parsed.readings.pop_back();
    fault->detail += " (line " + std::to_string(rows.line()) + ")";
    reject(parsed, index, fault->code, rows.text(), [&fault] { return std::move(*fault); });
  }
  return {};
}

}  // namespace temperature::ingest
