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

Result<FieldColumns> chosen_column(const ColumnFinder& finder, const TextLayout::Column& choice, ReadingField field) {
  const auto column = finder.by_choice(choice);
  if (!column) return std::unexpected(column.error());
  return FieldColumns(field, {*column, FieldSpelling::exact, finder.title(*column)});
}

// By the layout's choice, else by the field's names: where the layout names columns, by the names of our own files.
Result<FieldColumns> columns_of(const ColumnFinder& finder, const TextLayout& layout, ReadingField field,
                                std::string_view own_name) {
  if (layout.columns.empty()) return FieldColumns::named(field, finder);
  const auto choice = find_choice(layout, name_of(field));
  if (!choice) return std::unexpected(choice.error());
  if (*choice != nullptr) return chosen_column(finder, **choice, field);
  const auto column = finder.by_name(own_name, name_of(field));
  if (!column) return std::unexpected(column.error());
  if (!*column) return FieldColumns();
  return FieldColumns(field, {**column, FieldSpelling::exact, finder.title(**column)});
}

// A word for a time or a unit is not passed over where nothing surer says it: the values would mean something else.
std::unexpected<Error> refuse_word(const FieldColumns::Column& word, ReadingField field) {
  return refuse_header(
      fmt::format("the header has the column {0}, which is not taken as the {1}, for its meaning is not sure: name it "
                  "\"{1}\", or say {2}",
                  shown(word.name), name_of(field),
                  field == ReadingField::unit ? "--unit" : "--column and, where needed, --time-format"));
}

bool same_text(std::string_view one, std::string_view other) {
  return one == other;
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
  if (const auto* const word = columns.times_of_.front().untaken()) return refuse_word(*word, ReadingField::timestamp);
  if (!missing.empty()) {
    return refuse_header(
        fmt::format("the header lacks {}; it must name timestamp,room_id,sensor_id,quantity,value, or --column, "
                    "--room and --sensor of import say where they are",
                    missing));
  }
  if (auto found = columns.find_units(layout); !found) return std::unexpected(std::move(found.error()));
  const auto* const word = columns.unit_.columns.untaken();
  if (word != nullptr && columns.values_.front().unit.empty()) return refuse_word(*word, ReadingField::unit);
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
      auto column = chosen_column(finder, *choice, ReadingField::timestamp);
      if (!column) return std::unexpected(std::move(column.error()));
      times_of_.push_back(std::move(*column));
    }
  } else {
    auto columns = columns_of(finder, layout, ReadingField::timestamp, "timestamp");
    if (!columns) return std::unexpected(std::move(columns.error()));
    times_of_.push_back(std::move(*columns));
  }
  for (const FieldColumns& columns : times_of_) {
    if (!columns.known()) {
      add_missing(missing, "timestamp");
      continue;
    }
    const std::string& title = columns.first().name;
    time_title_ += (time_title_.empty() ? "" : " + ") + title;
    if (named_ && !header_offset_) header_offset_ = offset_in_header(title);
  }
  return {};
}

Result<void> ReadingColumns::find_names(const ColumnFinder& finder, const TextLayout& layout, std::string& missing) {
  struct Wanted {
    Name* name;
    ReadingField field;
    std::string_view own_name;
    const std::string* constant;
    bool needed;
  };
  static const std::string none;
  for (const auto& [name, field, own_name, constant, needed] :
       {Wanted{&room_, ReadingField::room, "room_id", &layout.room, true},
        Wanted{&sensor_, ReadingField::sensor, "sensor_id", &layout.sensor, true},
        Wanted{&building_, ReadingField::building, "building_id", &layout.building, false},
        Wanted{&quantity_, ReadingField::quantity, "quantity", &layout.quantity, false},
        Wanted{&unit_, ReadingField::unit, "unit", &none, false}}) {
    auto columns = columns_of(finder, layout, field, own_name);
    if (!columns) return std::unexpected(std::move(columns.error()));
    *name = {std::move(*columns), *constant};
    if (needed && !name->known()) add_missing(missing, own_name);
  }
  return {};
}

Result<void> ReadingColumns::find_values(const ColumnFinder& finder, const TextLayout& layout, std::string& missing) {
  for (const TextLayout::Column& choice : layout.columns) {
    if (std::ranges::find(kColumnNames, choice.name) != kColumnNames.end()) continue;
    if (const auto once = find_choice(layout, choice.name); !once) return std::unexpected(once.error());
    auto column = chosen_column(finder, choice, ReadingField::value);
    if (!column) return std::unexpected(std::move(column.error()));
    const std::string title = column->first().name;
    values_.push_back({std::move(*column), choice.name, {}, title});
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
  auto columns = columns_of(finder, layout, ReadingField::value, "value");
  if (!columns) return std::unexpected(std::move(columns.error()));
  if (columns->known()) {
    const std::string title = columns->first().name;
    values_.push_back({std::move(*columns), {}, {}, title});
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
    const bool temperature = quantity == kTemperature || (quantity.empty() && !quantity_.columns.known());
    if (!value.unit.empty()) {
      if (header.unit.empty() || header.unit == value.unit) continue;
      return refuse_header(
          fmt::format("the header \"{}\" says {}, --unit says {}", value.title, header.unit, value.unit));
    }
    if (header.unit.empty() && !header.unknown.empty() && temperature && !unit_.columns.known()) {
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
                                      : quantity_.columns.known()   ? "value"
                                      : !quantity_.constant.empty() ? std::string_view(quantity_.constant)
                                                                    : kTemperature;
    text += fmt::format("  {}: {}, {}\n", quantity, value.title,
                        unit_.columns.known() ? "with units of their own"
                        : value.unit.empty()  ? "in the quantity's own unit"
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
  return named_ && !wrong_size(fields) && without_odd_blanks(fields[values_[value].columns.first().place]).empty();
}

std::optional<std::string> ReadingColumns::read_names(std::span<const std::string_view> fields, const Value& wanted,
                                                      OutgoingReading& reading) const {
  const auto read = [&](std::string_view& text, const Name& name, std::string_view otherwise) {
    const auto found = name.columns.text(fields, otherwise, same_text);
    if (found) text = *found;
    return found ? std::nullopt : std::optional(found.error());
  };
  if (auto wrong = read(reading.room, room_, room_.constant)) return wrong;
  if (auto wrong = read(reading.sensor, sensor_, sensor_.constant)) return wrong;
  if (auto wrong = read(reading.building, building_, building_.constant)) return wrong;
  if (auto wrong = read(reading.unit, unit_, wanted.unit)) return wrong;
  if (wanted.quantity.empty()) return read(reading.quantity, quantity_, quantity_.constant);
  reading.quantity = wanted.quantity;
  return std::nullopt;
}

std::expected<Timestamp, std::string> ReadingColumns::read_time(std::span<const std::string_view> fields,
                                                                const OutgoingReading& reading,
                                                                std::uint64_t line) const {
  std::string series;
  if (times_.needs_series()) {
    series = fmt::format("{}\n{}\n{}\n{}", reading.building, reading.room, reading.sensor, reading.quantity);
  }
  if (times_of_.size() > 1) {
    return times_.read(fmt::format("{} {}", without_odd_blanks(fields[times_of_[0].first().place]),
                                   without_odd_blanks(fields[times_of_[1].first().place])),
                       series, line);
  }
  // Where the order of rows tells an hour, a row is read once: two local times are the same when their texts are.
  const auto same = [&](std::string_view one, std::string_view other) {
    if (times_.needs_series()) {
      const auto moment = parse_timestamp(one);
      return moment && moment == parse_timestamp(other);
    }
    const auto moment = times_.read(one, series, line);
    return moment && moment == times_.read(other, series, line);
  };
  const auto text = times_of_.front().text(fields, {}, same);
  if (!text) return std::unexpected(text.error());
  return times_.read(*text, series, line);
}

std::optional<double> ReadingColumns::number_in(std::string_view text) const {
  return decimal_comma_ ? parse_comma_value(without_odd_blanks(text)) : parse_value(without_odd_blanks(text));
}

std::expected<OutgoingReading, std::string> ReadingColumns::read(std::span<const std::string_view> fields,
                                                                 std::size_t value, std::uint64_t line) const {
  if (auto wrong = wrong_size(fields)) return std::unexpected(std::move(*wrong));
  const Value& wanted = values_[value];
  OutgoingReading reading;
  if (auto wrong = read_names(fields, wanted, reading)) return std::unexpected(std::move(*wrong));
  const auto timestamp = read_time(fields, reading, line);
  if (!timestamp) return std::unexpected(timestamp.error());
  const auto same = [this](std::string_view one, std::string_view other) {
    const auto number = number_in(one);
    return number && number == number_in(other);
  };
  const auto text = wanted.columns.text(fields, {}, same);
  if (!text) return std::unexpected(text.error());
  const auto number = number_in(*text);
  if (!number) return std::unexpected(fmt::format("the value {} is no finite number", shown(*text)));
  reading.timestamp = *timestamp;
  reading.value = *number;
  if (quantity_.columns.known() && reading.quantity.empty()) return std::unexpected("the quantity is empty");
  // One name that is no UTF-8 would spoil the whole request.
  for (const std::string_view name : {reading.room, reading.sensor, reading.building, reading.quantity, reading.unit}) {
    if (!valid_utf8(name)) return std::unexpected("a name is no UTF-8");
  }
  return reading;
}

}  // namespace temperature::client
