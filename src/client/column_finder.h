#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/text_layout.h"

namespace temperature::client {

// Finds the columns of a file by its header. The header's fields outlive this.
class ColumnFinder {
 public:
  explicit ColumnFinder(std::span<const std::string_view> header);

  // The column with one of two names, as our own files have them; an error when both do, or one does twice.
  [[nodiscard]] Result<std::optional<std::size_t>> by_name(std::string_view name, std::string_view other_name) const;

  // The column that `--column` means: its header's text, then its number from 1 on, then the beginning of its header's
  // text, where one alone begins so. Letters may be in either case. An error lists what there is.
  [[nodiscard]] Result<std::size_t> by_choice(const TextLayout::Column& choice) const;

  [[nodiscard]] std::size_t size() const { return header_.size(); }
  // A column's header without blanks around it.
  [[nodiscard]] const std::string& title(std::size_t column) const { return titles_[column]; }

 private:
  [[nodiscard]] std::unexpected<Error> cannot_find(const TextLayout::Column& choice, std::string_view why) const;

  std::span<const std::string_view> header_;
  std::vector<std::string> titles_;
  std::vector<std::string> lower_titles_;
};

}  // namespace temperature::client
