#include "client/field_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/field_text.h"

namespace temperature::client {

Result<FieldColumns> FieldColumns::named(ReadingField field, const ColumnFinder& finder) {
  FieldColumns columns;
  columns.field_ = field;
  for (std::size_t place = 0; place < finder.size(); ++place) {
    const std::string& name = finder.title(place);
    const NamedField means = field_named(name);
    if (means.field != field) continue;
    if (std::ranges::find(columns.columns_, name, &Column::name) != columns.columns_.end()) {
      return failure(ErrorCode::startup, fmt::format("the header names the column {} twice", shown(name)));
    }
    columns.columns_.push_back({place, means.spelling, name});
  }
  std::ranges::sort(columns.columns_, {},
                    [](const Column& column) { return std::pair(column.spelling, column.place); });
  return columns;
}

const FieldColumns::Column* FieldColumns::untaken() const {
  const bool word = !columns_.empty() && columns_.front().spelling == FieldSpelling::untaken;
  return word ? &columns_.front() : nullptr;
}

// Blanks alone are a name, which the service judges; they are no time and no number.
std::string_view FieldColumns::given_by(const Column& column, std::span<const std::string_view> row) const {
  const std::string_view text = row[column.place];
  if (column.spelling == FieldSpelling::kind) return known_quantity(text).value_or(std::string_view());
  const bool number = field_ == ReadingField::timestamp || field_ == ReadingField::value;
  return number && text.find_first_not_of(" \t") == std::string_view::npos ? std::string_view() : text;
}

std::unexpected<std::string> FieldColumns::untaken_fault(const Column& column) const {
  return std::unexpected(fmt::format("the field {} is not taken as the {}, for its meaning is not sure",
                                     shown(column.name), name_of(field_)));
}

std::unexpected<std::string> FieldColumns::difference(const Column& one, const Column& other) const {
  return std::unexpected(fmt::format("the fields {} and {} both mean the {}, and have different values",
                                     shown(one.name), shown(other.name), name_of(field_)));
}

}  // namespace temperature::client
