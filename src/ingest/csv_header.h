#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/field_names.h"
#include "model/unknown_fields.h"

namespace temperature::ingest {

// Which column of CSV has which field, by the names in its first row.
class CsvHeader {
 public:
  struct Column {
    NamedField named;
    std::size_t place = 0;
    std::string_view name;  // as it was sent
  };

  // Error malformed_body: a required field has no column; a name stands twice; a word for a time or a unit that is not
  // taken, and no column that is; an unknown name where they are refused. The names must outlive the header.
  static Result<CsvHeader> read(const std::vector<std::string_view>& names, UnknownFields unknown_fields);
  static std::unexpected<Error> bad(const std::string& what);

  // Of a row.
  [[nodiscard]] std::size_t columns() const { return columns_; }

  // The text of the field's first column; empty: none, or not given.
  [[nodiscard]] std::string_view first(const std::vector<std::string_view>& row, Field field) const {
    const auto& place = first_[static_cast<std::size_t>(field)];
    return place ? row[*place] : std::string_view();
  }

  // Columns beside the first ones of their fields, those that go before others first. Most headers have none.
  [[nodiscard]] const std::vector<Column>& others() const { return others_; }
  // The column that first() looks at. REQUIRES: there is one.
  [[nodiscard]] const Column& first_column(Field field) const { return *its_first_[static_cast<std::size_t>(field)]; }
  [[nodiscard]] bool has(Field field) const { return first_[static_cast<std::size_t>(field)].has_value(); }

 private:
  Result<void> check(UnknownFields unknown_fields, const std::vector<std::string_view>& unknown) const;

  std::size_t columns_ = 0;
  std::array<std::optional<std::size_t>, kFields> first_;
  std::array<std::optional<Column>, kFields> its_first_;
  std::vector<Column> others_;
};

}  // namespace temperature::ingest
