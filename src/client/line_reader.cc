#include "client/line_reader.h"

#include "client/bounds.h"

namespace temperature::client {

Result<bool> LineReader::next(Line& line) {
  bool too_long = false;
  std::size_t searched = 0;
  while (true) {
    const std::string_view waiting = std::string_view(buffer_).substr(begin_);
    const auto end = waiting.find('\n', searched);
    const bool whole = end != std::string_view::npos;
    if (!whole && waiting.size() > kRecordBytesMax) {
      too_long = true;  // its text is not kept
      begin_ = buffer_.size();
      searched = 0;
    } else if (!whole) {
      searched = waiting.size();
    }
    bool ended = false;
    if (!whole) {
      const auto got = more();
      if (!got) return std::unexpected(got.error());
      if (*got) continue;
      ended = true;
      if (begin_ == buffer_.size() && !too_long) return false;
    }
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    std::string_view text = rest.substr(0, ended ? rest.size() : end);
    begin_ += text.size() + (ended ? 0 : 1);
    searched = 0;
    ++number_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() && !too_long) continue;
    too_long = too_long || text.size() > kRecordBytesMax;
    line = {number_, too_long ? std::string_view() : text, too_long ? "the line is too long" : ""};
    return true;
  }
}

Result<bool> LineReader::more() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReadBytes);
  const auto count = source_.read(std::span(buffer_).subspan(had));
  buffer_.resize(had + count.value_or(0));
  if (!count) return std::unexpected(count.error());
  return *count > 0;
}

}  // namespace temperature::client
