#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/column_finder.h"
#include "client/field_columns.h"
#include "client/outgoing_reading.h"
#include "client/text_layout.h"
#include "client/time_reader.h"

namespace temperature::client {

// Which column of a file holds what. By the names in its header, in any order, as model/field_names.h has them: of the
// timestamp, the room, the sensor and the value; where there are, of the building, the quantity and the unit. A
// TextLayout says it of other files, and what they do not name at all; where that names columns, the rest are found by
// their exact names. Other columns are left alone.
class ReadingColumns {
 public:
  // An error names every column that is missing, one that is there twice, or a word for a time or a unit that is not
  // taken; where the layout names columns, a unit that cannot be read too.
  static Result<ReadingColumns> from_header(std::span<const std::string_view> header, const TextLayout& layout = {});

  // The readings in a row: one, unless the layout names columns of several quantities.
  [[nodiscard]] std::size_t values() const { return values_.size(); }

  // Whether a row has as many fields as the header.
  [[nodiscard]] bool fits(std::span<const std::string_view> fields) const { return !wrong_size(fields); }

  // Whether a row has nothing where a value should be, in a file whose columns the layout names: data loggers note
  // events so.
  [[nodiscard]] bool lacks_value(std::span<const std::string_view> fields, std::size_t value) const;

  // One of the readings in a row's fields, or why it is none. The views are the fields' own and this object's. `line`
  // is the row's.
  [[nodiscard]] std::expected<OutgoingReading, std::string> read(std::span<const std::string_view> fields,
                                                                 std::size_t value = 0, std::uint64_t line = 0) const;

  // What the header says of the offset of times; what they are read with from here on.
  [[nodiscard]] std::optional<std::chrono::minutes> header_offset() const { return header_offset_; }
  void use(TimeReader times) { times_ = std::move(times); }

  // Where the layout names columns, what they were taken for, a line each; else nothing.
  [[nodiscard]] std::string description() const;

 private:
  // Where a name comes from: columns, or the layout where those have none in a row.
  struct Name {
    FieldColumns columns;
    std::string constant;

    [[nodiscard]] bool known() const { return columns.known() || !constant.empty(); }
  };
  struct Value {
    FieldColumns columns;
    std::string quantity;  // empty: the row's
    std::string unit;      // of rows that name none
    std::string title;
  };

  Result<void> find_times(const ColumnFinder& finder, const TextLayout& layout, std::string& missing);
  Result<void> find_names(const ColumnFinder& finder, const TextLayout& layout, std::string& missing);
  Result<void> find_values(const ColumnFinder& finder, const TextLayout& layout, std::string& missing);
  Result<void> find_units(const TextLayout& layout);
  [[nodiscard]] std::optional<std::string> read_names(std::span<const std::string_view> fields, const Value& wanted,
                                                      OutgoingReading& reading) const;
  [[nodiscard]] std::expected<Timestamp, std::string> read_time(std::span<const std::string_view> fields,
                                                                const OutgoingReading& reading,
                                                                std::uint64_t line) const;
  [[nodiscard]] std::optional<double> number_in(std::string_view text) const;
  [[nodiscard]] std::optional<std::string> wrong_size(std::span<const std::string_view> fields) const;

  std::size_t columns_ = 0;
  bool named_ = false;  // by the layout
  bool decimal_comma_ = false;
  std::vector<FieldColumns> times_of_;  // a date and a time of day, or both in one
  std::string time_title_;
  std::optional<std::chrono::minutes> header_offset_;
  TimeReader times_;
  Name building_;
  Name room_;
  Name sensor_;
  Name quantity_;
  Name unit_;
  std::vector<Value> values_;
};

}  // namespace temperature::client
