#include "client/table.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "client/printable.h"

namespace temperature::client {
namespace {

struct CodePoints {
  char32_t first;
  char32_t last;
};

// Unicode 15: East Asian Width W and F, and emoji, in a few ranges; what is between two blocks of them is unassigned.
constexpr std::array kWide{CodePoints{0x1100, 0x115f},   CodePoints{0x2e80, 0x303e},  CodePoints{0x3041, 0xa4cf},
                           CodePoints{0xac00, 0xd7a3},   CodePoints{0xf900, 0xfaff},  CodePoints{0xfe30, 0xfe6f},
                           CodePoints{0xff00, 0xff60},   CodePoints{0xffe0, 0xffe6},  CodePoints{0x1f300, 0x1f64f},
                           CodePoints{0x1f680, 0x1faff}, CodePoints{0x20000, 0x3fffd}};
// Combining marks, joiners and variation selectors.
constexpr std::array kJoined{CodePoints{0x300, 0x36f}, CodePoints{0x200b, 0x200d}, CodePoints{0x20d0, 0x20ff},
                             CodePoints{0xfe00, 0xfe0f}, CodePoints{0xe0100, 0xe01ef}};

template <class Ranges>
bool is_in(const Ranges& ranges, char32_t code) {
  return std::ranges::any_of(ranges, [code](CodePoints range) { return code >= range.first && code <= range.last; });
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    char32_t code = bytes == 1 ? first : first & (0x7fU >> bytes);
    for (const char c : text.substr(at + 1, bytes - 1)) code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3fU);
    at += bytes;
    if (!is_in(kJoined, code)) columns += is_in(kWide, code) ? 2 : 1;
  }
  return columns;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(columns_of(column.title));
}

void Table::add(std::vector<std::string> cells) {
  CHECK(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = cells[i].empty() ? "-" : printable(cells[i]);
    widths_[i] = std::max(widths_[i], columns_of(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

std::string Table::take_lines() {
  std::string out;
  if (rows_.empty()) return out;
  if (!begun_) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    append_line(out, titles);
    begun_ = true;
  }
  for (const auto& row : rows_) append_line(out, row);
  rows_.clear();
  return out;
}

void Table::append_line(std::string& out, const std::vector<std::string>& cells) const {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string blanks(widths_[i] - columns_of(cells[i]), ' ');
    out += i == 0 ? "" : "  ";
    out += columns_[i].side == Side::right ? blanks + cells[i] : cells[i] + blanks;
  }
  out.resize(out.find_last_not_of(' ') + 1);
  out.push_back('\n');
}

}  // namespace temperature::client
