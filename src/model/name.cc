#include "model/name.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/check.h"
#include "base/utf8.h"

namespace temperature {
namespace {

using CodePoint = utf8proc_int32_t;

// PropList.txt of Unicode 15, White_Space.
bool is_white_space(CodePoint c) {
  switch (c) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
      return true;
    default:
      return (c >= 0x09 && c <= 0x0d) || (c >= 0x2000 && c <= 0x200a);
  }
}

// What is wrong with a character; empty: nothing.
std::string_view fault_of(CodePoint c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return "a control character";
  if (c == 0x200b || c == 0x2060 || c == 0xfeff) return "which nobody can see";
  if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) return "which turns the direction of writing";
  return {};
}

// The first character of valid UTF-8, which is not empty, and its length.
struct Character {
  CodePoint code = 0;
  std::size_t bytes = 0;
};

Character first_of(std::string_view text) {
  Character character;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &character.code);
  CHECK(length > 0);
  character.bytes = static_cast<std::size_t>(length);
  return character;
}

Character last_of(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while ((static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80) --begin;
  return first_of(text.substr(begin));
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty()) {
    const Character first = first_of(text);
    if (!is_white_space(first.code)) break;
    text.remove_prefix(first.bytes);
  }
  while (!text.empty()) {
    const Character last = last_of(text);
    if (!is_white_space(last.code)) break;
    text.remove_suffix(last.bytes);
  }
  return text;
}

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"';
}

// As most names are: nothing to be done, and nothing to be refused.
bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > limits::kNameSentBytesMax || text.front() == ' ' || text.back() == ' ' ||
      is_quoted(text)) {
    return false;
  }
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Text of a library's form. The empty text: it has no memory left.
std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* made = nullptr;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length =
      utf8proc_map(bytes, static_cast<utf8proc_ssize_t>(text.size()), &made, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(made, std::free);
  return length < 0 ? std::string()
                    : std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
}

}  // namespace

Result<std::string_view> normalise_name(std::string_view what, std::string_view sent, std::string& made) {
  if (is_plain(sent)) return sent;
  if (sent.size() > limits::kNameSentBytesMax) {
    return failure(ErrorCode::id_invalid, fmt::format("{} has {} bytes, which is too long", what, sent.size()));
  }
  if (!valid_utf8(sent)) return failure(ErrorCode::id_invalid, fmt::format("{} is not valid UTF-8", what));
  std::string_view name = without_blanks(sent);
  while (is_quoted(name)) name = without_blanks(name.substr(1, name.size() - 2));
  if (name.empty()) return failure(ErrorCode::id_invalid, fmt::format("{} is empty", what));
  for (std::string_view rest = name; !rest.empty();) {
    const Character next = first_of(rest);
    if (const std::string_view fault = fault_of(next.code); !fault.empty()) {
      return failure(ErrorCode::id_invalid, fmt::format("{} has U+{:04X}, {}", what, next.code, fault));
    }
    rest.remove_prefix(next.bytes);
  }
  if (is_ascii(name)) return name;
  std::string composed = mapped(name, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (composed.empty()) {
    return failure(ErrorCode::overloaded, fmt::format("{} cannot be read: there is no memory left", what));
  }
  if (composed == name) return name;
  made = std::move(composed);
  return made;
}

bool is_normal_name(std::string_view name) {
  if (is_plain(name)) return true;
  std::string made;
  const auto normal = normalise_name({}, name, made);
  return normal && *normal == name;
}

std::string case_folded(std::string_view name) {
  return mapped(name, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

}  // namespace temperature
