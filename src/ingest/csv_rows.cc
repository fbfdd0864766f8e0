#include "ingest/csv_rows.h"

#include <algorithm>

#include "ingest/find_byte.h"

namespace temperature::ingest {

bool CsvRows::at_line_end() const {
  return at_ == end_ || *at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n'));
}

CsvRows::Found CsvRows::next() {
  while (at_ != end_ && at_line_end()) {
    if (*at_++ == '\n') ++next_line_;
  }
  if (at_ == end_) return Found::end;
  line_ = next_line_;
  row_ = at_;
  fields_.clear();
  bool sound = take_field();
  while (sound && !at_line_end()) {
    ++at_;  // the comma
    sound = take_field();
  }
  if (!sound) at_ += find_byte<'\n'>(at_, end_) - at_;
  row_end_ = at_;
  if (!sound && row_end_ != row_ && row_end_[-1] == '\r') --row_end_;
  next_line_ += static_cast<std::uint32_t>(std::count(row_, row_end_, '\n'));
  return sound ? Found::row : Found::fault;
}

// Leaves at_ at the comma or the line's end behind it.
bool CsvRows::take_field() {
  if (at_ != end_ && *at_ == '"') return take_quoted();
  const char* begin = at_;
  while (true) {
    at_ += find_byte<',', '\n', '\r'>(at_, end_) - at_;
    if (at_ == end_ || *at_ != '\r' || at_line_end()) break;
    ++at_;
  }
  fields_.emplace_back(begin, static_cast<std::size_t>(at_ - begin));
  return true;
}

bool CsvRows::take_quoted() {
  char* const open = at_;
  char* out = open + 1;
  char* at = open + 1;
  while (true) {
    char* quote = at + (find_byte<'"'>(at, end_) - at);
    if (quote == end_) return false;  // from the line that it begins on, one row is lost
    if (out != at) std::copy(at, quote, out);
    out += quote - at;
    at = quote + 1;
    if (at == end_ || *at != '"') break;
    *out++ = '"';
    ++at;
  }
  fields_.emplace_back(open + 1, static_cast<std::size_t>(out - open - 1));
  at_ = at;
  return at_line_end() || *at_ == ',';
}

}  // namespace temperature::ingest
