#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace temperature::ingest {

// Reads the rows of CSV (RFC 4180; LF or CRLF; a row may span lines in quotes). Doubled quotes are undone in the text
// itself: it is good for one reading. Empty lines are passed over. Keeps its memory from row to row.
class CsvRows {
 public:
  // `text` must outlive the rows.
  explicit CsvRows(std::string& text) : at_(text.data()), end_(text.data() + text.size()) {}

  enum class Found : std::uint8_t { row, fault, end };

  // The next row: fields(), or a row whose quotes are wrong. Such a row ends at its line's end, or where its last quote
  // does.
  Found next();

  // Of the row that was read last. The byte behind each field is readable and part of no number.
  [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
  [[nodiscard]] std::string_view text() const { return {row_, static_cast<std::size_t>(row_end_ - row_)}; }
  // The line on which it begins, from 1.
  [[nodiscard]] std::uint32_t line() const { return line_; }

 private:
  bool take_field();
  bool take_quoted();
  [[nodiscard]] bool at_line_end() const;

  char* at_;
  char* end_;
  char* row_ = nullptr;
  char* row_end_ = nullptr;
  std::uint32_t line_ = 0;
  std::uint32_t next_line_ = 1;
  std::vector<std::string_view> fields_;
};

}  // namespace temperature::ingest
