#include "client/column_finder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/utf8.h"
#include "client/field_text.h"

namespace temperature::client {

ColumnFinder::ColumnFinder(std::span<const std::string_view> header) : header_(header) {
  for (const std::string_view field : header) {
    titles_.push_back(without_odd_blanks(field));
    lower_titles_.push_back(in_lower_case(titles_.back()));
  }
}

Result<std::optional<std::size_t>> ColumnFinder::by_name(std::string_view name, std::string_view other_name) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] != name && header_[i] != other_name) continue;
    if (found) return failure(ErrorCode::startup, fmt::format("the header names the column \"{}\" twice", name));
    found = i;
  }
  return found;
}

Result<std::size_t> ColumnFinder::by_choice(const TextLayout::Column& choice) const {
  const std::string wanted = in_lower_case(without_odd_blanks(choice.column));
  std::vector<std::size_t> same;
  std::vector<std::size_t> beginning;
  for (std::size_t i = 0; i < lower_titles_.size(); ++i) {
    if (lower_titles_[i] == wanted) same.push_back(i);
    if (lower_titles_[i].starts_with(wanted)) beginning.push_back(i);
  }
  if (wanted.empty()) return cannot_find(choice, "names none");
  if (same.size() == 1) return same.front();
  if (same.size() > 1) return cannot_find(choice, "is the header of several; a number tells them apart");
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (problem == std::errc() && end == wanted.data() + wanted.size()) {
    if (number >= 1 && number <= header_.size()) return number - 1;
    return cannot_find(choice, "is the number of none");
  }
  if (beginning.size() == 1) return beginning.front();
  return cannot_find(choice, beginning.empty() ? "is the header of none" : "is how several headers begin");
}

std::unexpected<Error> ColumnFinder::cannot_find(const TextLayout::Column& choice, std::string_view why) const {
  std::vector<std::string> columns;
  bool readable = true;
  for (std::size_t i = 0; i < titles_.size(); ++i) {
    readable = readable && valid_utf8(titles_[i]);
    columns.push_back(fmt::format("{} {}", i + 1, shown(titles_[i])));
  }
  return failure(ErrorCode::startup,
                 fmt::format("--column {}={}: \"{}\" {}. The columns are {}{}", choice.name, choice.column,
                             choice.column, why, fmt::join(columns, ", "),
                             readable ? "" : "; --encoding says how to read them (windows-1252, UTF-16LE, ...)"));
}

}  // namespace temperature::client
