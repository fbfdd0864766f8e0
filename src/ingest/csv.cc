#include "ingest/csv.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/epoch.h"
#include "base/time.h"
#include "base/utf8.h"
#include "ingest/blanks.h"
#include "ingest/csv_header.h"
#include "ingest/csv_rows.h"
#include "ingest/json_scalar.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::ingest {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(utf8_prefix(text, limits::kNameBytesMax)) + "\"";
}

using Row = std::vector<std::string_view>;

std::optional<Error> read_value(std::string_view name, std::string_view text, RawReading& reading) {
  const JsonNumber number = read_json_number(text);
  if (number.kind == JsonNumber::Kind::malformed) {
    return Error{ErrorCode::field_type, "field " + quoted(name) + " must be a number, not " + quoted(text)};
  }
  if (number.kind == JsonNumber::Kind::too_large) {
    return Error{ErrorCode::value_invalid, "field " + quoted(name) + " is too large for a double: " + quoted(text)};
  }
  reading.value = number.value;
  return std::nullopt;
}

std::optional<Error> read_timestamp(std::string_view name, std::string_view text, RawReading& reading) {
  const JsonNumber whole = read_json_number(text);
  if (whole.kind == JsonNumber::Kind::whole) {
    reading.timestamp_ms = whole.whole;
    return std::nullopt;
  }
  const TimeRead read = read_time(text);
  if (read.fault != TimeFault::none) {
    return Error{ErrorCode::timestamp_invalid, "field " + quoted(name) + " " + std::string(text_of(read.fault)) + ": " +
                                                   quoted(text) +
                                                   (may_be_seconds(whole.value) ? " (it looks like seconds)" : "")};
  }
  reading.timestamp_ms = to_ms(read.moment);
  return std::nullopt;
}

// Reads a field that is given. `text` is not empty.
std::optional<Error> read_field(Field field, std::string_view name, std::string_view text, RawReading& reading) {
  switch (field) {
    case Field::building:
      reading.building = text;
      break;
    case Field::room:
      reading.room = text;
      break;
    case Field::sensor:
      reading.sensor = text;
      break;
    case Field::quantity:
      reading.quantity = text;
      break;
    case Field::unit:
      reading.unit = text;
      break;
    case Field::timestamp:
      return read_timestamp(name, without_blanks(text), reading);
    case Field::value:
      return read_value(name, without_blanks(text), reading);
    case Field::unknown:
      break;
  }
  return std::nullopt;
}

bool is_given(Field field, std::string_view text) {
  const bool number = field == Field::timestamp || field == Field::value;
  return !(number ? without_blanks(text) : text).empty();
}

Error missing(Field field) {
  return {ErrorCode::field_missing, "field " + quoted(name_of(field)) + " is missing"};
}

// What the columns beside the first ones of their fields give a row.
class OtherColumns {
 public:
  OtherColumns(const CsvHeader& header, UnknownFields unknown_fields)
      : header_(header), unknown_fields_(unknown_fields) {}

  std::optional<Error> read(const Row& row, RawReading& reading) {
    std::array<const CsvHeader::Column*, kFields> from{};
    for (std::size_t field = 0; field < kFields; ++field) {
      const auto its = static_cast<Field>(field);
      if (is_given(its, header_.first(row, its))) from[field] = &header_.first_column(its);
    }
    for (const CsvHeader::Column& column : header_.others()) {
      const std::string_view text = row[column.place];
      if (!is_given(column.named.field, text)) continue;
      if (auto fault = read_column(column, text, from[static_cast<std::size_t>(column.named.field)], reading)) {
        return fault;
      }
    }
    return from[static_cast<std::size_t>(Field::value)] == nullptr ? std::optional(missing(Field::value))
                                                                   : std::nullopt;
  }

 private:
  std::optional<Error> read_column(const CsvHeader::Column& column, std::string_view text,
                                   const CsvHeader::Column*& from, RawReading& reading) const {
    const auto [field, spelling] = column.named;
    if (spelling == Spelling::untaken) {
      if (from != nullptr) return std::nullopt;
      return Error{ErrorCode::field_unknown, "field " + quoted(column.name) + " is not taken as the " +
                                                 std::string(name_of(field)) + ", for its meaning is not sure"};
    }
    if (spelling == Spelling::kind) {
      const auto known = known_quantity(text);
      if (known && from == nullptr) text = *known;
      if (!known && unknown_fields_ == UnknownFields::refuse) {
        return Error{ErrorCode::field_unknown,
                     "field " + quoted(column.name) + " is no known quantity: " + quoted(text)};
      }
      if (!known) return std::nullopt;
    }
    if (from == nullptr) {
      from = &column;
      return read_field(field, column.name, text, reading);
    }
    if (from->named.spelling != spelling) return std::nullopt;
    RawReading other;
    if (spelling == Spelling::kind) text = *known_quantity(text);
    if (auto fault = read_field(field, column.name, text, other)) return fault;
    if (same_value(field, reading, other)) return std::nullopt;
    return Error{ErrorCode::field_repeated, "fields " + quoted(from->name) + " and " + quoted(column.name) +
                                                " both mean the " + std::string(name_of(field)) +
                                                ", and have different values"};
  }

  const CsvHeader& header_;
  UnknownFields unknown_fields_;
};

std::optional<Error> read_row(const CsvHeader& header, OtherColumns& others, const Row& row, RawReading& reading) {
  if (row.size() != header.columns()) {
    return Error{ErrorCode::malformed_line, "the row has " + std::to_string(row.size()) + " fields, the header " +
                                                std::to_string(header.columns())};
  }
  reading.building = header.first(row, Field::building);
  reading.room = header.first(row, Field::room);
  reading.sensor = header.first(row, Field::sensor);
  reading.quantity = header.first(row, Field::quantity);
  reading.unit = header.first(row, Field::unit);
  for (const Field field : {Field::value, Field::timestamp}) {
    const std::string_view text = header.first(row, field);
    if (!is_given(field, text)) {
      if (field == Field::value && header.others().empty()) return missing(field);
      continue;
    }
    if (auto fault = read_field(field, header.first_column(field).name, text, reading)) return fault;
  }
  if (!header.others().empty()) {
    if (auto fault = others.read(row, reading)) return fault;
  }
  if (reading.room.empty()) return missing(Field::room);
  if (reading.sensor.empty()) return missing(Field::sensor);
  return std::nullopt;
}

}  // namespace

Result<void> parse_csv(std::string& body, Parsed& parsed, UnknownFields unknown_fields) {
  parsed.clear();
  if (body.starts_with(kByteOrderMark)) body.erase(0, kByteOrderMark.size());
  CsvRows rows(body);
  if (rows.next() != CsvRows::Found::row) return CsvHeader::bad("is missing");
  const auto header = CsvHeader::read(rows.fields(), unknown_fields);
  if (!header) return std::unexpected(header.error());
  OtherColumns others(*header, unknown_fields);
  std::uint32_t index = 0;
  for (auto found = rows.next(); found != CsvRows::Found::end; found = rows.next(), ++index) {
    if (parsed.stops_at(index)) {
      parsed.clear();
      return stopped();
    }
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
      fault = read_row(*header, others, rows.fields(), reading);
    }
    if (!fault) continue;
    parsed.readings.pop_back();
    fault->detail += " (line " + std::to_string(rows.line()) + ")";
    reject(parsed, index, fault->code, rows.text(), [&fault] { return std::move(*fault); });
  }
  return {};
}

}  // namespace temperature::ingest
