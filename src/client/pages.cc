#include "client/pages.h"

#include <fmt/format.h>

#include <string_view>

#include "client/bounds.h"
#include "client/problem.h"

namespace temperature::client {

Result<bool> Pages::turn(simdjson::dom::object page, std::size_t rows) {
  rows_ += rows;
  if (rows_ > kListedRowsMax) return not_understood(fmt::format("a list has more than {} rows", kListedRowsMax));
  simdjson::dom::element member;
  const bool none = page["next"].get(member) != simdjson::SUCCESS || member.is_null();
  if (none) return false;
  std::string_view next;
  if (member.get(next) != simdjson::SUCCESS) return not_understood("\"next\" of a list is no text");
  if (next.empty()) return false;
  if (next.size() > kCursorBytesMax) return not_understood("\"next\" of a list is too long");
  empty_pages_ = rows == 0 ? empty_pages_ + 1 : 0;
  if (empty_pages_ > kEmptyPagesMax) return not_understood("a list goes on for ever without a row");
  if (next == kept_ || next == cursor_) return not_understood("a list begins again: its \"next\" comes twice");
  if (++since_kept_ == kept_for_) {
    kept_ = next;
    kept_for_ *= 2;
    since_kept_ = 0;
  }
  cursor_ = next;
  return true;
}

}  // namespace temperature::client
