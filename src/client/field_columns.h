#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/column_finder.h"
#include "model/field_names.h"

namespace temperature::client {

// The columns of a file that mean one field of a reading, by model/field_names.h: those that go before others first,
// words that are not taken last.
class FieldColumns {
 public:
  struct Column {
    std::size_t place = 0;
    FieldSpelling spelling = FieldSpelling::exact;
    std::string name;  // without blanks around it
  };

  FieldColumns() = default;
  FieldColumns(ReadingField field, Column column) : field_(field), columns_{std::move(column)} {}

  // Error: a name stands twice in the header.
  static Result<FieldColumns> named(ReadingField field, const ColumnFinder& finder);

  // Whether there is a column that is the field in every row that gives it.
  [[nodiscard]] bool known() const { return !columns_.empty() && columns_.front().spelling < FieldSpelling::kind; }
  // The column that goes before the others. REQUIRES: known().
  [[nodiscard]] const Column& first() const { return columns_.front(); }
  // The column of a word that is not taken, where no column is that is; else nullptr.
  [[nodiscard]] const Column* untaken() const;

  // What a row gives; `otherwise`: nothing. An error when two columns of one kind differ, which `same` says of two
  // texts that are not empty, and when only a word that is not taken gives something. REQUIRES: the row has all
  // columns.
  template <class Same>
  [[nodiscard]] std::expected<std::string_view, std::string> text(std::span<const std::string_view> row,
                                                                  std::string_view otherwise, Same&& same) const {
    const Column* from = nullptr;
    std::string_view taken = otherwise;
    for (const Column& column : columns_) {
      const std::string_view given = given_by(column, row);
      if (given.empty()) continue;
      if (column.spelling == FieldSpelling::untaken) {
        if (!taken.empty()) break;
        return untaken_fault(column);
      }
      if (from == nullptr) {
        from = &column;
        taken = given;
      } else if (column.spelling == from->spelling && given != taken && !same(taken, given)) {
        return difference(*from, column);
      }
    }
    return taken;
  }

 private:
  [[nodiscard]] std::string_view given_by(const Column& column, std::span<const std::string_view> row) const;
  [[nodiscard]] std::unexpected<std::string> untaken_fault(const Column& column) const;
  [[nodiscard]] std::unexpected<std::string> difference(const Column& one, const Column& other) const;

  ReadingField field_ = ReadingField::unknown;
  std::vector<Column> columns_;
};

}  // namespace temperature::client
