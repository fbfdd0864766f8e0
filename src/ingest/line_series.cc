#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "ingest/find_byte.h"
#include "ingest/line_protocol.h"

namespace temperature::ingest {
namespace {

constexpr std::size_t kFewTags = 8;  // compared each with each

// The first of the wanted bytes that no backslash stands before. A backslash is one whatever stands before it.
template <char... wanted>
[[gnu::always_inline]] inline const char* find_bare(const char* at, const char* end) {
  while (true) {
    at = find_byte<wanted..., '\\'>(at, end);
    if (at == end || *at != '\\') return at;
    ++at;
    if (at != end && *at != '\\') ++at;
  }
}

std::size_t digits_in(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  return end - at;
}

// Whether digits with i or u behind them are more than 64 bits hold. No u is negative.
bool is_too_large_whole(std::string_view text, bool negative) {
  const bool is_unsigned = text.back() == 'u';
  if (is_unsigned && negative) return false;
  text.remove_suffix(1);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  const std::string_view most = is_unsigned ? "18446744073709551615"
                                : negative  ? "9223372036854775808"
                                            : "9223372036854775807";
  return text.size() > most.size() || (text.size() == most.size() && text > most);
}

// Whether a number, given without its sign and in small letters, is too large.
bool is_too_large(const std::string& text, bool negative) {
  std::size_t at = digits_in(text, 0);
  std::size_t digits = at;
  if (digits > 0 && at + 1 == text.size() && (text[at] == 'i' || text[at] == 'u')) {
    return is_too_large_whole(text, negative);
  }
  if (at < text.size() && text[at] == '.') {
    const std::size_t places = digits_in(text, ++at);
    digits += places;
    at += places;
  }
  if (digits > 0 && at < text.size() && text[at] == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits_in(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return digits > 0 && at == text.size() && std::isinf(std::strtod(text.c_str(), nullptr));
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

LineFault LineSeries::read(std::string_view series) {
  tags_.clear();
  const char* at = series.data();
  const char* end = at + series.size();
  if (at == end || *at == ',') return LineFault::measurement_missing;
  const char* begin = at;
  at = find_bare<','>(at, end);
  measurement_ = between(begin, at);
  while (at != end) {
    begin = ++at;
    if (at == end || *at == ',' || *at == '=') return LineFault::tag_key_missing;
    at = find_bare<'=', ','>(at, end);
    if (at == end || *at == ',') return LineFault::tag_value_missing;
    const std::string_view key = between(begin, at);
    begin = ++at;
    if (at == end || *at == ',') return LineFault::tag_value_missing;
    // InfluxDB takes an equals sign as a value's first byte, and there alone.
    at = find_bare<',', '='>(*at == '=' ? at + 1 : at, end);
    if (at != end && *at == '=') return LineFault::tag_malformed;
    if (tags_.size() == limits::kLineTagsMax) return LineFault::too_many_tags;
    tags_.push_back({key, between(begin, at)});
  }
  return has_repeated_tag() ? LineFault::tag_repeated : LineFault::none;
}

bool LineSeries::has_repeated_tag() {
  if (tags_.size() <= kFewTags) {
    for (std::size_t i = 1; i < tags_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (tags_[i].key == tags_[j].key) return true;
      }
    }
    return false;
  }
  keys_.clear();
  for (const Tag& tag : tags_) keys_.push_back(tag.key);
  std::ranges::sort(keys_);
  return std::ranges::adjacent_find(keys_) != keys_.end();
}

bool is_bad_number(std::string_view value) {
  const char sign = value.empty() ? '\0' : value.front();
  if (sign == '-' || sign == '+') value.remove_prefix(1);
  if (value.empty()) return false;
  std::string word(value);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::array<std::string_view, 7> kWords{"nan", "inf", "infinity", "ovf", "null", "none", "undefined"};
  if (std::ranges::find(kWords, word) != kWords.end()) return true;
  if (word.starts_with("nan(") && word.find(')') == word.size() - 1) return true;
  if (word.starts_with("1.#")) return true;
  return sign != '+' && is_too_large(word, sign == '-');
}

std::string_view text_of(LineFault fault) {
  switch (fault) {
    case LineFault::none:
      return "nothing is wrong";
    case LineFault::measurement_missing:
      return "the measurement is missing";
    case LineFault::tag_key_missing:
      return "a tag's key is missing";
    case LineFault::tag_value_missing:
      return "a tag's value is missing";
    case LineFault::tag_malformed:
      return "a tag's value has an equals sign that no backslash stands before";
    case LineFault::tag_repeated:
      return "a tag stands twice";
    case LineFault::too_many_tags:
      return "there are too many tags";
    case LineFault::fields_missing:
      return "the fields are missing";
    case LineFault::field_malformed:
      return "a field is not key=value";
    case LineFault::field_key_missing:
      return "a field's key is missing";
    case LineFault::field_value_missing:
      return "a field's value is missing";
    case LineFault::number_invalid:
      return "a field's value is no number; text stands in quotes";
    case LineFault::boolean_invalid:
      return "a field's value is neither true nor false; text stands in quotes";
    case LineFault::quotes_unbalanced:
      return "a quote does not end";
    case LineFault::timestamp_invalid:
      return "the timestamp is not a whole number of 64 bits";
  }
  return "";
}

std::string unescape_line_name(std::string_view written, LineName what) {
  std::string meaning;
  meaning.reserve(written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char next = i + 1 < written.size() ? written[i + 1] : '\0';
    const bool escape =
        written[i] == '\\' && (next == ',' || next == ' ' || (next == '=' && what == LineName::key_or_value));
    meaning.push_back(escape ? written[++i] : written[i]);
  }
  return meaning;
}

}  // namespace temperature::ingest
