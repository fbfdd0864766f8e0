#include "client/field_text.h"

#include <fmt/format.h>

#include <array>

#include "base/utf8.h"

namespace temperature::client {
namespace {

constexpr std::size_t kQuotedBytesMax = 40;  // of a bad field, in a message
constexpr std::array<std::string_view, 2> kOddBlanks{"\xc2\xa0", "\xe2\x80\xaf"};

}  // namespace

std::string shown(std::string_view field) {
  if (!valid_utf8(field)) return "something that is no UTF-8";
  if (field.size() <= kQuotedBytesMax) return fmt::format("\"{}\"", field);
  return fmt::format("\"{}...\"", utf8_prefix(field, kQuotedBytesMax));
}

std::string without_odd_blanks(std::string_view text) {
  std::string plain(text);
  for (const std::string_view blank : kOddBlanks) {
    for (std::size_t at = plain.find(blank); at != std::string::npos; at = plain.find(blank, at)) {
      plain.replace(at, blank.size(), " ");
    }
  }
  const std::size_t first = plain.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return plain.substr(first, plain.find_last_not_of(" \t") - first + 1);
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace temperature::client
