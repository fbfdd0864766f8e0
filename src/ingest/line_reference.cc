#include "ingest/line_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>

namespace temperature::ingest {
namespace {

constexpr std::size_t kTagsMax = 1'024;

bool gap(char c) {
  return c == ' ' || c == '\t' || c == '\0';
}

// Whether the quote at `open` is closed, and where.
std::optional<std::size_t> closing_quote(std::string_view body, std::size_t open) {
  for (std::size_t i = open + 1; i < body.size(); ++i) {
    if (body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      return i;
    }
  }
  return std::nullopt;
}

// The offset of the newline that ends the line which begins at `begin`, or of the body's end.
std::size_t line_end(std::string_view body, std::size_t begin) {
  enum class Part : std::uint8_t { series, gap_before_fields, key, value, rest } part = Part::series;
  for (std::size_t i = begin; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '\n') return i;
    switch (part) {
      case Part::series:
        if (c == ' ' && (i == begin || body[i - 1] != '\\')) part = Part::gap_before_fields;
        break;
      case Part::gap_before_fields:
        if (gap(c)) break;
        part = Part::key;
        [[fallthrough]];
      case Part::key:
        if (c == '\\' && i + 1 < body.size() && body[i + 1] != '\n') {
          ++i;
        } else if (c == ' ') {
          part = Part::rest;
        } else if (c == '=') {
          part = Part::value;
          if (i + 1 < body.size() && body[i + 1] == '"') {
            const auto close = closing_quote(body, i + 1);
            if (!close) return std::min(body.find('\n', i + 1), body.size());
            i = *close;
          }
        }
        break;
      case Part::value:
        if (c == ',') part = Part::key;
        if (c == ' ') part = Part::rest;
        break;
      case Part::rest:
        break;
    }
  }
  return body.size();
}

std::string unescaped(std::string_view written, std::string_view escapable) {
  std::string meaning;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size() && escapable.contains(written[i + 1])) ++i;
    meaning += written[i];
  }
  return meaning;
}

// Splits where `separator` stands without a backslash before it.
std::vector<std::string> split_bare(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator && (i == 0 || text[i - 1] != '\\')) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

bool read_series(const std::string& series, ReferencePoint& point) {
  const auto parts = split_bare(series, ',');
  if (parts[0].empty() || parts.size() - 1 > kTagsMax) return false;
  point.measurement = unescaped(parts[0], ", ");
  std::set<std::string> keys;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string& tag = parts[i];
    std::size_t equals = 0;
    while (equals < tag.size() && (tag[equals] != '=' || (equals > 0 && tag[equals - 1] == '\\'))) ++equals;
    if (equals == 0 || equals + 1 >= tag.size()) return false;
    for (std::size_t j = equals + 2; j < tag.size(); ++j) {
      if (tag[j] == '=' && tag[j - 1] != '\\') return false;
    }
    if (!keys.insert(tag.substr(0, equals)).second) return false;
    point.tags.emplace_back(unescaped(tag.substr(0, equals), ", ="), unescaped(tag.substr(equals + 1), ", ="));
  }
  return true;
}

bool whole_number_fits(const std::string& text) {
  static const std::string largest = "9223372036854775807";
  static const std::string least = "9223372036854775808";
  static const std::string largest_unsigned = "18446744073709551615";
  const bool negative = text[0] == '-';
  std::string digits = text.substr(negative ? 1 : 0, text.size() - (negative ? 2 : 1));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (negative && text.back() == 'u') return false;
  const std::string& bound = text.back() == 'u' ? largest_unsigned : (negative ? least : largest);
  return digits.size() < bound.size() || (digits.size() == bound.size() && digits <= bound);
}

const std::regex& whole_number() {
  static const std::regex whole("-?[0-9]+[iu]");
  return whole;
}

const std::regex& real_number() {
  static const std::regex real(R"(-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)");
  return real;
}

bool value_is_sound(const std::string& value) {
  static const std::set<std::string> booleans{"t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"};
  if (value[0] == '"') return closing_quote(value, 0) == value.size() - 1;
  if (booleans.contains(value)) return true;
  if (costs_only_itself(value)) return true;
  if (std::regex_match(value, whole_number())) return whole_number_fits(value);
  return std::regex_match(value, real_number()) && std::isfinite(std::strtod(value.c_str(), nullptr));
}

// Reads key=value at `at`, up to a bare comma or a space.
bool read_field(const std::string& line, std::size_t& at, ReferencePoint& point) {
  std::string key;
  for (; at < line.size() && line[at] != '='; ++at) {
    if (line[at] == ' ' || line[at] == ',') return false;
    key += line[at];
    if (line[at] == '\\' && at + 1 < line.size()) key += line[++at];
  }
  if (key.empty() || at == line.size()) return false;
  const std::size_t begin = ++at;
  if (at < line.size() && line[at] == '"') {
    const auto close = closing_quote(line, at);
    if (!close) return false;
    at = *close + 1;
  }
  while (at < line.size() && line[at] != ',' && line[at] != ' ') ++at;
  const std::string value = line.substr(begin, at - begin);
  if (value.empty() || !value_is_sound(value)) return false;
  point.fields.emplace_back(unescaped(key, ", ="), value);
  return true;
}

bool read_timestamp(std::string text, ReferencePoint& point) {
  while (!text.empty() && gap(text.front())) text.erase(0, 1);
  while (!text.empty() && gap(text.back())) text.pop_back();
  if (text.empty()) return true;
  static const std::regex whole("-?[0-9]+");
  if (!std::regex_match(text, whole) || !whole_number_fits(text + "i")) return false;
  point.timestamp = std::strtoll(text.c_str(), nullptr, 10);
  return true;
}

bool read_line(const std::string& line, ReferencePoint& point) {
  std::size_t at = 0;
  while (at < line.size() && (line[at] != ' ' || line[at - 1] == '\\')) ++at;
  if (!read_series(line.substr(0, at), point)) return false;
  while (at < line.size() && gap(line[at])) ++at;
  while (read_field(line, at, point)) {
    if (at == line.size() || line[at] == ' ') return read_timestamp(line.substr(at), point);
    ++at;
  }
  return false;
}

}  // namespace

bool costs_only_itself(const std::string& value) {
  static const std::regex word(R"([+-]?(nan|nan\([^)]*\)|inf|infinity|ovf|null|none|undefined|1\.#[\s\S]*))",
                               std::regex::icase);
  if (std::regex_match(value, word)) return true;
  if (std::regex_match(value, whole_number())) {
    return !(value[0] == '-' && value.back() == 'u') && !whole_number_fits(value);
  }
  return std::regex_match(value, real_number()) && !std::isfinite(std::strtod(value.c_str(), nullptr));
}

std::vector<ReferencePoint> read_lines_plainly(std::string_view body) {
  std::vector<ReferencePoint> points;
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  std::uint32_t number = 1;
  for (std::size_t begin = 0; begin < body.size();) {
    while (begin < body.size() && gap(body[begin])) ++begin;
    std::size_t end = begin < body.size() && body[begin] == '#' ? std::min(body.find('\n', begin), body.size())
                                                                : line_end(body, begin);
    std::string line(body.substr(begin, end - begin));
    const auto newlines = static_cast<std::uint32_t>(std::ranges::count(line, '\n'));
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && line[0] != '#') {
      ReferencePoint& point = points.emplace_back();
      point.line = number;
      point.sound = read_line(line, point);
    }
    number += newlines + 1;
    begin = end + 1;
  }
  return points;
}

}  // namespace temperature::ingest
