#include "ingest/json_cursor.h"

#include "ingest/json_scalar.h"
#include "ingest/json_tokens.h"

namespace temperature::ingest {

bool JsonCursor::unescape(std::string_view& meaning) {
  char* begin = text_ + *token_ + 1;
  const auto unescaped = unescape_json(begin, begin + meaning.size());
  if (!unescaped) return fail("this string has an escape that JSON does not know, or half a surrogate pair");
  // What stands behind the meaning is read by who looks for its end.
  if (unescaped->size() < meaning.size()) begin[unescaped->size()] = '"';
  meaning = *unescaped;
  return true;
}

bool JsonCursor::at_not_finite() const {
  return not_finite_allowed_ && is_not_finite(token());
}

std::string_view JsonCursor::passed_key() const {
  const std::string_view text(text_ + token_[-2] + 1, token_[-1] - token_[-2] - 1);
  return text.substr(0, text.find('"'));
}

bool JsonCursor::skip_value(int depth) {
  std::string_view ignored;
  switch (first()) {
    case '"':
      return take_string(ignored);
    case '{':
      return skip_object(depth + 1);
    case '[':
      return skip_array(depth + 1);
    default:
      return skip_scalar();
  }
}

bool JsonCursor::skip_scalar() {
  if (at_end()) return fail("a value is expected where the text ends");
  const std::string_view text = token();
  if (text != "null" && text != "true" && text != "false" &&
      read_json_number(text).kind == JsonNumber::Kind::malformed && !at_not_finite()) {
    return fail("a value is expected");
  }
  advance();
  return true;
}

bool JsonCursor::skip_object(int depth) {
  if (depth > limits::kJsonDepthMax) return fail("arrays and objects are nested too deeply");
  std::string_view key;
  advance();
  if (first() == '}') {
    advance();
    return true;
  }
  for (;;) {
    if (first() != '"') return fail("a field's name is expected");
    if (!take_string(key)) return false;
    if (first() != ':') return fail("a colon is expected");
    advance();
    if (!skip_value(depth)) return false;
    const char next = first();
    if (next != ',' && next != '}') return fail("a comma or the object's end is expected");
    advance();
    if (next == '}') return true;
  }
}

bool JsonCursor::skip_array(int depth) {
  if (depth > limits::kJsonDepthMax) return fail("arrays and objects are nested too deeply");
  advance();
  if (first() == ']') {
    advance();
    return true;
  }
  for (;;) {
    if (!skip_value(depth)) return false;
    const char next = first();
    if (next != ',' && next != ']') return fail("a comma or the array's end is expected");
    advance();
    if (next == ']') return true;
  }
}

Error JsonCursor::error(std::size_t origin) const {
  if (code_ != ErrorCode::malformed_json) return {code_, what_};
  return {code_, "at byte " + std::to_string(*token_ - origin) + ": " + what_};
}

}  // namespace temperature::ingest
