#include "client/csv_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

constexpr std::string_view kTooLong = "the line is longer than 65536 bytes";
constexpr std::string_view kNotClosed = "a quoted field does not end";
constexpr std::string_view kStrayQuote = "a quote stands inside a field that is not quoted";
constexpr std::string_view kAfterQuote = "something follows a closing quote";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
static_assert(kRecordBytesMax == 65'536, "kTooLong names it");

// The states of RFC 4180's grammar, within one record.
enum class At : unsigned char { field_start, plain, quoted, quote_in_quoted, carriage_return };

}  // namespace

CsvReader::CsvReader(ByteSource& source, char delimiter)
    : source_(source), delimiter_(delimiter), buffer_(kReadBytes + kRecordBytesMax) {}

Result<void> CsvReader::skip_lines(std::uint64_t count) {
  if (auto skipped = skip_byte_order_mark(); !skipped) return skipped;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (auto skipped = skip_line(); !skipped) return skipped;
  }
  return {};
}

Result<bool> CsvReader::more() {
  if (begin_ > 0 && buffer_.size() - end_ < kRecordBytesMax) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  CHECK(end_ < buffer_.size());
  auto count = source_.read(std::span(buffer_).subspan(end_));
  if (!count) return std::unexpected(std::move(count.error()));
  end_ += *count;
  return *count > 0;
}

void CsvReader::consume(std::size_t length, std::size_t lines) {
  begin_ = std::min(begin_ + length + 1, end_);  // the last line may have no end
  line_ += lines;
}

Result<void> CsvReader::skip_byte_order_mark() {
  begun_ = true;
  while (end_ < kByteOrderMark.size()) {
    const auto read = more();
    if (!read) return std::unexpected(read.error());
    if (!*read) break;
  }
  if (waiting().starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
  return {};
}

// The length of the line at hand, a carriage return counted.
Result<std::size_t> CsvReader::first_line(std::string_view& problem) {
  std::size_t scanned = 0;
  for (;;) {
    const std::string_view text = waiting();
    const std::size_t found = text.find('\n', scanned);
    const std::size_t length = std::min(found, text.size());
    if (length > kRecordBytesMax) problem = kTooLong;
    if (found != std::string_view::npos || length > kRecordBytesMax) return length;
    scanned = length;
    const auto read = more();
    if (!read) return std::unexpected(read.error());
    if (!*read) return length;
  }
}

Result<void> CsvReader::skip_line() {
  for (;;) {
    const std::size_t found = waiting().find('\n');
    if (found != std::string_view::npos) {
      consume(found, 1);
      return {};
    }
    begin_ = end_;
    const auto read = more();
    if (!read) return std::unexpected(read.error());
    if (*read) continue;
    ++line_;
    return {};
  }
}

// Where a record that has quotes ends: its quoted fields may hold line ends.
Result<CsvReader::Extent> CsvReader::quoted_extent(std::string_view& problem) {
  At at = At::field_start;
  std::size_t lines = 1;
  for (std::size_t i = 0;; ++i) {
    if (i > kRecordBytesMax) {
      problem = at == At::quoted ? kNotClosed : kTooLong;
      return Extent{};
    }
    if (i == waiting().size()) {
      const auto read = more();
      if (!read) return std::unexpected(read.error());
      if (!*read) {
        if (at == At::quoted) problem = kNotClosed;
        return Extent{i, lines};
      }
    }
    const char c = buffer_[begin_ + i];
    if (at == At::quoted) {
      if (c == '"') at = At::quote_in_quoted;
      if (c == '\n') ++lines;
    } else if (c == '\n') {
      return Extent{i, lines};
    } else if (at == At::carriage_return) {
      problem = kAfterQuote;
      return Extent{};
    } else if (c == delimiter_) {
      at = At::field_start;
    } else if (c == '"') {
      if (at == At::plain) {
        problem = kStrayQuote;
        return Extent{};
      }
      at = At::quoted;  // opens a field, or is the second of a doubled quote
    } else if (at == At::quote_in_quoted) {
      if (c != '\r') {
        problem = kAfterQuote;
        return Extent{};
      }
      at = At::carriage_return;
    } else {
      at = At::plain;
    }
  }
}

void CsvReader::split(std::size_t length, std::vector<std::string_view>& fields) {
  std::string_view rest = waiting().substr(0, length);
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  for (;;) {
    const std::size_t delimiter = rest.find(delimiter_);
    fields.push_back(rest.substr(0, delimiter));
    if (delimiter == std::string_view::npos) return;
    rest.remove_prefix(delimiter + 1);
  }
}

// The record was checked: doubled quotes become one in place.
void CsvReader::split_quoted(std::size_t length, std::vector<std::string_view>& fields) {
  char* at = buffer_.data() + begin_;
  char* const end = at + length;
  for (;;) {
    const char* const start = at;
    if (at < end && *at == '"') {
      char* out = ++at;
      const char* const text = out;
      for (; at < end; ++at) {
        if (*at == '"') {
          ++at;
          if (at == end || *at != '"') break;
        }
        *out++ = *at;
      }
      fields.emplace_back(text, static_cast<std::size_t>(out - text));
      if (at < end && *at == '\r') ++at;
    } else {
      at = std::find(at, end, delimiter_);
      std::string_view field(start, static_cast<std::size_t>(at - start));
      if (at == end && field.ends_with('\r')) field.remove_suffix(1);
      fields.push_back(field);
    }
    if (at == end) return;
    CHECK(*at == delimiter_);
    ++at;
  }
}

Result<bool> CsvReader::next(CsvRow& row) {
  if (!begun_) {
    if (auto skipped = skip_byte_order_mark(); !skipped) return std::unexpected(std::move(skipped.error()));
  }
  for (;;) {
    row.fields.clear();
    row.problem = {};
    row.line = line_;
    const auto length = first_line(row.problem);
    if (!length) return std::unexpected(length.error());
    if (waiting().empty()) return false;
    if (!row.problem.empty()) {
      if (auto skipped = skip_line(); !skipped) return std::unexpected(std::move(skipped.error()));
      return true;
    }
    const std::string_view line = waiting().substr(0, *length);
    if (line.empty() || line == "\r") {
      consume(*length, 1);
      continue;
    }
    if (!line.contains('"')) {
      split(*length, row.fields);
      consume(*length, 1);
      return true;
    }
    const auto extent = quoted_extent(row.problem);
    if (!extent) return std::unexpected(extent.error());
    if (row.problem.empty()) {
      split_quoted(extent->length, row.fields);
      consume(extent->length, extent->lines);
    } else {
      consume(*length, 1);
    }
    return true;
  }
}

}  // namespace temperature::client
