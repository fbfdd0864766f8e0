#include "client/reading_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "client/field_text.h"
#include "client/header_unit.h"

namespace temperature::client {
namespace {

// What --column may name; any other name is a quantity.
constexpr std::array<std::string_view, 9> kColumnNames{"timestamp", "date",     "time", "room", "sensor",
                                                       "building",  "quantity", "unit", "value"};

constexpr std::string_view kTemperature = "temperature";

std::optional<double> parse_value(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "21,5"; a point in it could stand for thousands.
std::optional<double> parse_comma_value(std::string text) {
  if (text.contains('.')) return std::nullopt;
  std::ranges::replace(text, ',', '.');
  return parse_value(text);
}

std::unexpected<Error> refuse_header(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

// What the layout says of one name; an error when it does so twice.
Result<const TextLayout::Column*> find_choice(const TextLayout& layout, std::string_view name) {
  const TextLayout::Column* found = nullptr;
  for (const TextLayout::Column& choice : layout.columns) {
    if (choice.name != name) continue;
    if (found != nullptr) return refuse_header(fmt::format("--column names {} twice", name));
    found = &choice;
  }
  return found;
}

// A column by the layout's choice, else by the names of our own files.
Result<std::optional<std::size_t>> find_column(const ColumnFinder& finder, const TextLayout& layout,
                                               std::string_view name, std::string_view own_name) {
  const auto choice = find_choice(layout, name);
  if (!choice) return std::unexpected(choice.error());
  if (*choice == nullptr) return finder.by_name(own_name, name);
  auto column = finder.by_choice(**choice);
  if (!column) return std::unexpected(std::move(column.error()));
  return *column;
}

void add_missing(std::string& missing, std::string_view name) {
  missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
}

}  // namespace

Result<ReadingColumns> ReadingColumns::from_header(std::span<const std::string_view> header, const TextLayout& layout) {
  const ColumnFinder finder(header);
  ReadingColumns columns;
  columns.columns_ = header.size();
  columns.named_ = !layout.columns.empty();
  columns.decimal_comma_ = layout.decimal_comma;
  if (columns.named_ && !std::ranges::all_of(header, valid_utf8)) {
    return refuse_header("the header is no UTF-8; --encoding says what it is, such as windows-1252");
  }
  std::string missing;
  for (const auto find : {&ReadingColumns::find_times, &ReadingColumns::find_names, &ReadingColumns::find_values}) {
    if (auto found = (columns.*find)(finder, layout, missing); !found) return std::unexpected(std::move(found.error()));
  }
  if (!missing.empty()) {
    return refuse_header(
        fmt::format("the header lacks {}; it must name timestamp,room_id,sensor_id,quantity,value, or --column, "
                    "--room and --sensor of import say where they are",
                    missing));
  }
  if (auto found = columns.find_units(layout); !found) return std::unexpected(std::move(found.error()));
  columns.use(TimeReader(layout, columns.header_offset_, nullptr, TimeReader::Pass::only));
  return columns;
}

Result<void> ReadingColumns::find_times(const ColumnFinder& finder, const TextLayout& layout, std::string& missing) {
  const auto date = find_choice(layout, "date");
  if (!date) return std::unexpected(date.error());
  const auto time = find_choice(layout, "time");
  if (!time) return std::unexpected(time.error());
  if (*date != nullptr || *time != nullptr) {
    if (const auto whole = find_choice(layout, "timestamp"); !whole || *whole != nullptr) {
      return refuse_header("--column names timestamp beside date or time; one column holds both, or each has its own");
    }
    for (const TextLayout::Column* const choice : {*date, *time}) {
      if (choice == nullptr) continue;
      const auto column = finder.by_choice(*choice);
      if (!column) return std::unexpected(column.error());
      time_columns_.push_back(*column);
    }
  } else {
    const auto column = find_column(finder, layout, "timestamp", "timestamp");
    if (!column) return std::unexpected(column.error());
    if (*column) time_columns_.push_back(**column);
  }
  if (time_columns_.empty()) add_missing(missing, "timestamp");
  for (const std::size_t column : time_columns_) {
    time_title_ += (time_title_.empty() ? "" : " + ") + finder.title(column);
    if (named_ && !header_offset_) header_offset_ = offset_in_header(finder.title(column));
  }
  return {};
}

Result<void> ReadingColumns::find_names(const ColumnFinder& finder, const TextLayout& layout, std::string& missing) {
  struct Wanted {
    Name* name;
    std::string_view own_name;
    std::string_view other_name;
    const std::string* constant;
    bool needed;
  };
  static const std::string kNone;
  for (const auto& [name, own_name, other_name, constant, needed] :
       {Wanted{&room_, "room_id", "room", &layout.room, true},
        Wanted{&sensor_, "sensor_id", "sensor", &layout.sensor, true},
        Wanted{&building_, "building_id", "building", &layout.building, false},
        Wanted{&quantity_, "quantity", "quantity", &layout.quantity, false},
        Wanted{&unit_, "unit", "unit", &kNone, false}}) {
    const auto column = find_column(finder, layout, other_name, own_name);
    if (!column) return std::unexpected(column.error());
    *name = {*column, *constant};
    if (needed && !name->known()) add_missing(missing, own_name);
  }
  return {};
}

Result<void> ReadingColumns::find_values(const ColumnFinder& finder, const TextLayout& layout, std::string& missing) {
  for (const TextLayout::Column& choice : layout.columns) {
    if (std::ranges::find(kColumnNames, choice.name) != kColumnNames.end()) continue;
    if (const auto once = find_choice(layout, choice.name); !once) return std::unexpected(once.error());
    const auto column = finder.by_choice(choice);
    if (!column) return std::unexpected(column.error());
    values_.push_back({*column, choice.name, {}, finder.title(*column)});
  }
  if (!values_.empty()) {
    if (!layout.quantity.empty() || find_choice(layout, "quantity").value_or(nullptr) != nullptr ||
        find_choice(layout, "value").value_or(nullptr) != nullptr) {
      return refuse_header(fmt::format("--column {} says the quantity; then there is no other, and no column value",
                                       values_.front().quantity));
    }
    quantity_ = {};
    return {};
  }
  const auto column = find_column(finder, layout, "value", "value");
  if (!column) return std::unexpected(column.error());
  if (*column) {
    values_.push_back({**column, {}, {}, finder.title(**column)});
  } else {
    add_missing(missing, "value");
  }
  return {};
}

// The units of rows that name none: what --unit says, which the header must not contradict, else the header's.
Result<void> ReadingColumns::find_units(const TextLayout& layout) {
  for (const TextLayout::Unit& unit : layout.units) {
    const auto value = std::ranges::find_if(values_, [&](const Value& each) {
      return unit.quantity.empty() || unit.quantity == each.quantity ||
             (each.quantity.empty() && unit.quantity == quantity_.constant);
    });
    if (unit.quantity.empty() && values_.size() > 1) {
      return refuse_header(
          fmt::format("--unit {0} is of which quantity? --unit {1}={0} says it", unit.unit, values_.front().quantity));
    }
    if (value == values_.end()) {
      return refuse_header(fmt::format("--unit {}={}: the file has no such quantity", unit.quantity, unit.unit));
    }
    if (!value->unit.empty()) return refuse_header("--unit names the unit of a quantity twice");
    value->unit = known_unit(unit.unit);
  }
  if (!named_) return {};
  for (Value& value : values_) {
    const HeaderUnit header = unit_in_header(value.title);
    const std::string_view quantity = value.quantity.empty() ? std::string_view(quantity_.constant) : value.quantity;
    const bool temperature = quantity == kTemperature || (quantity.empty() && !quantity_.column);
    if (!value.unit.empty()) {
      if (header.unit.empty() || header.unit == value.unit) continue;
      return refuse_header(
          fmt::format("the header \"{}\" says {}, --unit says {}", value.title, header.unit, value.unit));
    }
    if (header.unit.empty() && !header.unknown.empty() && temperature && !unit_.column) {
      return refuse_header(fmt::format("the unit {} of the column {} is not known: --unit says it, such as °C or °F",
                                       shown(header.unknown), shown(value.title)));
    }
    value.unit = header.unit;
  }
  return {};
}

std::string ReadingColumns::description() const {
  if (!named_) return {};
  const std::string zone = times_.zone_name();
  std::string text =
      fmt::format("  timestamp: {}, {}\n", time_title_, zone.empty() ? "with offsets of their own" : zone);
  for (const Value& value : values_) {
    const std::string_view quantity = !value.quantity.empty()       ? std::string_view(value.quantity)
                                      : quantity_.column            ? "value"
                                      : !quantity_.constant.empty() ? std::string_view(quantity_.constant)
                                                                    : kTemperature;
    text += fmt::format("  {}: {}, {}\n", quantity, value.title,
                        unit_.column         ? "with units of their own"
                        : value.unit.empty() ? "in the quantity's own unit"
                                             : std::string_view(value.unit));
  }
  return text;
}

// A value with a decimal comma in a file of commas makes a field too many: nothing could be told then. Loggers' rows
// may end with delimiters too many.
std::optional<std::string> ReadingColumns::wrong_size(std::span<const std::string_view> fields) const {
  const bool more =
      named_ && fields.size() > columns_ && std::ranges::all_of(fields.subspan(columns_), &std::string_view::empty);
  if (fields.size() == columns_ || more) return std::nullopt;
  return fmt::format("{} fields where the header has {}", fields.size(), columns_);
}

bool ReadingColumns::lacks_value(std::span<const std::string_view> fields, std::size_t value) const {
  return named_ && !wrong_size(fields) && without_odd_blanks(fields[values_[value].column]).empty();
}

std::expected<OutgoingReading, std::string> ReadingColumns::read(std::span<const std::string_view> fields,
                                                                 std::size_t value, std::uint64_t line) const {
  if (auto wrong = wrong_size(fields)) return std::unexpected(std::move(*wrong));
  const Value& wanted = values_[value];
  OutgoingReading reading;
  reading.room = room_.in(fields);
  reading.sensor = sensor_.in(fields);
  reading.building = building_.in(fields);
  reading.quantity = wanted.quantity.empty() ? quantity_.in(fields) : std::string_view(wanted.quantity);
  reading.unit = unit_.column && !fields[*unit_.column].empty() ? fields[*unit_.column] : wanted.unit;

  std::string series;
  if (times_.needs_series()) {
    series = fmt::format("{}\n{}\n{}\n{}", reading.building, reading.room, reading.sensor, reading.quantity);
  }
  std::string joined;
  if (time_columns_.size() > 1) {
    joined = fmt::format("{} {}", without_odd_blanks(fields[time_columns_[0]]),
                         without_odd_blanks(fields[time_columns_[1]]));
  }
  const auto timestamp = times_.read(joined.empty() ? fields[time_columns_[0]] : joined, series, line);
  if (!timestamp) return std::unexpected(timestamp.error());
  const std::string_view text = fields[wanted.column];
  const auto number = decimal_comma_ ? parse_comma_value(without_odd_blanks(text))
                      : named_       ? parse_value(without_odd_blanks(text))
                                     : parse_value(text);
  if (!number) return std::unexpected(fmt::format("the value {} is no finite number", shown(text)));
  reading.timestamp = *timestamp;
  reading.value = *number;
  if (quantity_.column && reading.quantity.empty()) return std::unexpected("the quantity is empty");
  // One name that is no UTF-8 would spoil the whole request.
  for (const std::string_view name : {reading.room, reading.sensor, reading.building, reading.quantity, reading.unit}) {
    if (!valid_utf8(name)) return std::unexpected("a name is no UTF-8");
  }
  return reading;
}

}  // namespace temperature::client
