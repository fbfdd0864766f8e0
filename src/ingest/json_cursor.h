#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::ingest {

// Walks the tokens of a JSON text, each once, in order. The grammar is the caller's: a token may be
// passed only after its first byte has been looked at, and what a failed call leaves behind is only
// good for error(). Not thread-safe; the text and the tokens must outlive it.
class JsonCursor {
 public:
  // `tokens` are offsets in `text` as JsonTokens::find() gives them. The last one ends the walk: the
  // byte there is readable, and begins no token. `escapes`: whether the text may hold a backslash.
  JsonCursor(std::span<char> text, std::span<const std::uint32_t> tokens, bool escapes)
      : text_(text.data()),
        text_bytes_(text.size()),
        token_(tokens.data()),
        end_(tokens.data() + tokens.size() - 1),
        escapes_(escapes) {}

  [[nodiscard]] bool at_end() const { return token_ == end_; }

  // The first byte of the token; at the end, a byte that begins none.
  [[nodiscard]] char first() const { return text_[*token_]; }

  // The text from the token on, and how much of it can be read.
  [[nodiscard]] const char* begin() const { return text_ + *token_; }
  [[nodiscard]] std::size_t bytes_left() const { return text_bytes_ - *token_; }

  // The whole token. REQUIRES: !at_end().
  [[nodiscard]] std::string_view token() const {
    const char* begin = text_ + token_[0];
    const char* end = text_ + token_[1];
    while (is_space(end[-1])) --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  // REQUIRES: so many tokens are left.
  void advance(std::size_t tokens = 1) { token_ += tokens; }

  // Passes a string and gives what it means. REQUIRES: first() == '"'.
  bool take_string(std::string_view& meaning) {
    const std::string_view text = token();
    if (text.size() < 2 || text.back() != '"') return fail("this string does not end");
    meaning = text.substr(1, text.size() - 2);
    if (escapes_ && std::memchr(meaning.data(), '\\', meaning.size()) != nullptr && !unescape(meaning)) return false;
    ++token_;
    return true;
  }

  // From here on words for numbers that are not finite (is_not_finite) are passed over as values, though they are no
  // JSON.
  void allow_not_finite() { not_finite_allowed_ = true; }
  // Whether the token is such a word, and they are allowed. REQUIRES: !at_end().
  [[nodiscard]] bool at_not_finite() const;

  // The key whose name and colon were passed last, as it is written but for its escapes. For messages: a key with an
  // escaped quote ends there. REQUIRES: two tokens were passed, a string and a colon.
  [[nodiscard]] std::string_view passed_key() const;

  // Passes the value that begins here, checking all of it. `depth`: arrays and objects around it.
  bool skip_value(int depth);

  // Notes why and where the text is no JSON. Always false.
  bool fail(const char* what) { return fail(ErrorCode::malformed_json, what); }
  bool fail(ErrorCode code, const char* what) {
    code_ = code;
    what_ = what;
    return false;
  }

  // The failure, with its place counted from the text's byte `origin`. REQUIRES: fail() was called.
  [[nodiscard]] Error error(std::size_t origin = 0) const;

 private:
  static constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  bool unescape(std::string_view& meaning);
  bool skip_scalar();
  bool skip_object(int depth);
  bool skip_array(int depth);

  char* text_;
  std::size_t text_bytes_;
  const std::uint32_t* token_;
  const std::uint32_t* end_;
  bool escapes_;
  bool not_finite_allowed_ = false;
  ErrorCode code_ = ErrorCode::malformed_json;
  const char* what_ = "";
};

}  // namespace temperature::ingest
