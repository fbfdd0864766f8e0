#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace temperature::client {

// How many columns of a terminal a text takes: wide characters (East Asian, emoji) two, marks that join others none.
std::size_t columns_of(std::string_view text);

// Rows of text with a title above each column, as a person reads them on a terminal. What is in a cell may come from
// anywhere: control characters are escaped here (printable()).
class Table {
 public:
  enum class Side : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Side side = Side::left;
  };

  explicit Table(std::vector<Column> columns);

  // REQUIRES: as many cells as columns. An empty one is shown as "-".
  void add(std::vector<std::string> cells);

  // The rows that were added since the last call, a line each; before the first of all the titles. So a long list is
  // shown page by page: columns get wider on the way, and never narrower.
  std::string take_lines();

 private:
  void append_line(std::string& out, const std::vector<std::string>& cells) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
  bool begun_ = false;
};

}  // namespace temperature::client
