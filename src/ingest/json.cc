#include "ingest/json.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "model/batch_limits.h"

namespace temperature::ingest {
namespace {

constexpr const char* kStopped = "readings cannot be taken any more: the service is shutting down";
constexpr const char* kTooMany = "there are too many readings in one request: send them in several";

bool may_have_escapes(const std::string& body) {
  return body.contains('\\');
}

// The offset of the newline that ends the line in which `at` lies, or of the body's end.
std::size_t end_of_line(const std::string& body, std::size_t at) {
  return std::min(body.find('\n', at), body.size());
}

// The offset of the first byte of the line in which `at` lies.
std::size_t begin_of_line(const std::string& body, std::size_t at) {
  while (at > 0 && body[at - 1] != '\n') --at;
  return at;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Blanks in its place: so every byte stays where it is.
void blank_byte_order_mark(std::string& body) {
  if (body.starts_with(kByteOrderMark)) std::fill_n(body.begin(), kByteOrderMark.size(), ' ');
}

}  // namespace

Result<void> JsonParser::parse(std::string& body, Parsed& parsed) {
  parsed.clear();
  blank_byte_order_mark(body);
  const auto tokens = tokens_.find(body);
  if (!tokens) return std::unexpected(tokens.error());
  JsonCursor cursor(body, *tokens, may_have_escapes(body));
  if (read_body(cursor, parsed)) return {};
  parsed.clear();
  return std::unexpected(cursor.error());
}

bool JsonParser::read_body(JsonCursor& cursor, Parsed& parsed) {
  const bool read = cursor.first() == '[' ? read_array(cursor, parsed) : reader_.read(cursor, 0, 0, parsed);
  return read && (cursor.at_end() || cursor.fail("nothing may follow here"));
}

bool JsonParser::read_array(JsonCursor& cursor, Parsed& parsed) {
  cursor.allow_not_finite();
  cursor.advance();
  if (cursor.first() == ']') {
    cursor.advance();
    return true;
  }
  for (std::uint32_t index = 0;; ++index) {
    if (index == limits::kReadingsPerBatchMax) return cursor.fail(ErrorCode::too_many_readings, kTooMany);
    if (parsed.stops_at(index)) return cursor.fail(ErrorCode::shutting_down, kStopped);
    if (!reader_.read(cursor, 1, index, parsed)) return false;
    const char next = cursor.first();
    if (next != ',' && next != ']') return cursor.fail("a comma or the array's end is expected");
    cursor.advance();
    if (next == ']') return true;
  }
}

Result<void> JsonParser::parse_lines(std::string& body, Parsed& parsed) {
  parsed.clear();
  blank_byte_order_mark(body);
  // No string of a sound text holds a raw newline: then no token reaches from one line into the next.
  const auto tokens = tokens_.find(body);
  if (!tokens && tokens.error().code != ErrorCode::malformed_json) return std::unexpected(tokens.error());
  Result<void> read = tokens ? read_whole_lines(body, *tokens, parsed) : read_broken_lines(body, parsed);
  if (!read) parsed.clear();
  return read;
}

// False when the line is no JSON; then nothing is added.
bool JsonParser::read_line(JsonCursor& cursor, std::uint32_t index, Parsed& parsed) {
  const std::size_t readings = parsed.readings.size();
  const std::size_t rejected = parsed.rejected.size();
  const std::uint64_t rejected_count = parsed.rejected_count;
  if (reader_.read(cursor, 0, index, parsed) && (cursor.at_end() || cursor.fail("nothing may follow here")))
    return true;
  if (parsed.readings.size() > readings) parsed.readings.pop_back();
  if (parsed.rejected.size() > rejected) parsed.rejected.pop_back();
  if (parsed.rejected_count > rejected_count) --parsed.rejected_by_code[std::to_underlying(parsed.rejected_last)];
  parsed.rejected_count = rejected_count;
  return false;
}

// The tokens of all lines are known.
Result<void> JsonParser::read_whole_lines(std::string& body, std::span<std::uint32_t> tokens, Parsed& parsed) {
  const bool escapes = may_have_escapes(body);
  const std::size_t count = tokens.size() - 1;
  std::uint32_t index = 0;
  std::size_t line_tokens = 1;  // of the line before: the guess for this one
  for (std::size_t first = 0; first < count; ++index) {
    if (index == limits::kReadingsPerBatchMax) return failure(ErrorCode::too_many_readings, kTooMany);
    if (parsed.stops_at(index)) return stopped();
    const std::size_t end = end_of_line(body, tokens[first]);
    std::size_t next = first + line_tokens;
    if (next > count || tokens[next - 1] >= end || tokens[next] < end) {
      next = first + 1;
      while (tokens[next] < end) ++next;
    }
    line_tokens = next - first;
    // The walk over this line ends at its newline.
    const std::uint32_t begin_next = std::exchange(tokens[next], static_cast<std::uint32_t>(end));
    JsonCursor cursor(body, tokens.subspan(first, line_tokens + 1), escapes);
    if (!read_line(cursor, index, parsed)) {
      const std::size_t begin = begin_of_line(body, tokens[first]);
      const std::string_view text = std::string_view(body).substr(begin, end - begin);
      reject(parsed, index, ErrorCode::malformed_json, text, [&] { return cursor.error(begin); });
    }
    tokens[next] = begin_next;
    first = next;
  }
  return {};
}

// Some line is broken such that the lines after it could not be told apart: each is looked at alone.
Result<void> JsonParser::read_broken_lines(std::string& body, Parsed& parsed) {
  const bool escapes = may_have_escapes(body);
  std::uint32_t index = 0;
  for (std::size_t begin = 0;; ++index) {
    while (begin < body.size() && is_space(body[begin])) ++begin;
    if (begin == body.size()) return {};
    if (index == limits::kReadingsPerBatchMax) return failure(ErrorCode::too_many_readings, kTooMany);
    if (parsed.stops_at(index)) return stopped();
    const std::size_t end = end_of_line(body, begin);
    begin = begin_of_line(body, begin);
    const std::span<char> line(body.data() + begin, end - begin);
    begin = end;
    const std::string_view text(line.data(), line.size());
    const auto tokens = tokens_.find(text);
    if (!tokens && tokens.error().code != ErrorCode::malformed_json) return std::unexpected(tokens.error());
    if (!tokens) {
      reject(parsed, index, ErrorCode::malformed_json, text, [&tokens] { return tokens.error(); });
      continue;
    }
    JsonCursor cursor(line, *tokens, escapes);
    if (!read_line(cursor, index, parsed)) {
      reject(parsed, index, ErrorCode::malformed_json, text, [&cursor] { return cursor.error(); });
    }
  }
}

}  // namespace temperature::ingest
