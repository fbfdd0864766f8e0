#include "ingest/line_protocol.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ingest/digits.h"
#include "ingest/exact_power.h"
#include "ingest/find_byte.h"
#include "ingest/json_scalar.h"

namespace temperature::ingest {
namespace {

constexpr std::uint32_t kExactDigitsMax = 18;
constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

bool is_gap(char c) {
  return c == ' ' || c == '\t' || c == '\0';
}

// Zeros in front are not counted: then more than 19 digits are too many for 64 bits.
bool fits_64_bits(const char* begin, const char* end, std::uint64_t& value) {
  while (begin != end && *begin == '0') ++begin;
  if (end - begin > 20) return false;
  value = 0;
  for (; begin != end; ++begin) {
    const auto digit = static_cast<unsigned>(*begin - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return false;
    value = value * 10 + digit;
  }
  return true;
}

// A number that the short way does not do, in the form that JSON gives it. False: no double is that large.
bool read_long_number(std::string_view text, double& value) {
  std::string plain;
  if (text.starts_with('-')) plain.push_back('-');
  text.remove_prefix(plain.size());
  const std::size_t whole_end = std::min(text.find_first_of(".eE"), text.size());
  std::string_view whole = text.substr(0, whole_end);
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  plain += whole.empty() ? "0" : whole;
  std::string_view rest = text.substr(whole_end);
  if (rest.starts_with('.') && (rest.size() == 1 || rest[1] == 'e' || rest[1] == 'E')) rest.remove_prefix(1);
  plain += rest;
  const JsonNumber number = read_json_number(plain);
  value = number.value;
  return number.kind == JsonNumber::Kind::whole || number.kind == JsonNumber::Kind::real;
}

}  // namespace

LineReader::Found LineReader::next(LinePoint& point, std::string_view expected) {
  if (!find_line()) return Found::end;
  point.line = line_number_;
  point.fields.clear();
  if (take_series(point, expected) && take_fields(point) && take_timestamp(point)) {
    take_line_end();
    return Found::point;
  }
  // What stands first in the line is named first.
  if (const LineFault earlier = LineSeries().read(point.series); earlier != LineFault::none) fault_ = earlier;
  skip_line(point.line);
  return Found::fault;
}

// Passes blank lines, comments, and the gap before a line's text.
bool LineReader::find_line() {
  for (; at_ != end_; ++at_) {
    if (*at_ == '\n') {
      ++line_number_;
    } else if (*at_ == '#') {
      at_ = find_byte<'\n'>(at_, end_);
      if (at_ == end_) return false;
      ++line_number_;
    } else if (!is_gap(*at_) && !(*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n'))) {
      line_ = at_;
      return true;
    }
  }
  return false;
}

bool LineReader::at_line_end() const {
  return at_ == end_ || *at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n'));
}

bool LineReader::take_series(LinePoint& point, std::string_view expected) {
  point.as_expected = false;
  const auto bytes_left = static_cast<std::size_t>(end_ - at_);
  if (!expected.empty() && bytes_left > expected.size() && at_[expected.size()] == ' ' &&
      std::memcmp(at_, expected.data(), expected.size()) == 0) {
    at_ += expected.size();
    point.as_expected = true;
  } else {
    while (true) {
      at_ = find_byte<' ', '\n', '\\'>(at_, end_);
      if (at_ == end_ || *at_ != '\\') break;
      ++at_;
      if (at_ != end_ && *at_ == ' ') ++at_;
    }
  }
  const char* series_end = at_;
  if (series_end != line_ && series_end[-1] == '\r' && at_line_end()) --series_end;
  point.series = {line_, static_cast<std::size_t>(series_end - line_)};
  if (at_ != end_ && *at_ == ' ') {
    while (at_ != end_ && is_gap(*at_)) ++at_;
    if (!at_line_end()) return true;
  }
  return fail(LineFault::fields_missing);
}

bool LineReader::take_fields(LinePoint& point) {
  while (true) {
    LineField field;
    if (!take_field_key(field) || !take_field_value(field)) return false;
    point.fields.push_back(field);
    if (at_ == end_ || *at_ != ',') return true;
    ++at_;
  }
}

bool LineReader::take_field_key(LineField& field) {
  const char* begin = at_;
  while (true) {
    at_ = find_byte<'=', ' ', ',', '\\', '\n'>(at_, end_);
    if (at_ == end_ || *at_ != '\\') break;
    ++at_;
    if (at_ != end_ && *at_ != '\n') ++at_;
  }
  if (at_ == end_ || *at_ != '=') return fail(LineFault::field_malformed);
  if (at_ == begin) return fail(LineFault::field_key_missing);
  field.key = {begin, static_cast<std::size_t>(at_ - begin)};
  ++at_;
  return true;
}

bool LineReader::take_field_value(LineField& field) {
  if (at_line_end() || *at_ == ',' || *at_ == ' ') return fail(LineFault::field_value_missing);
  bool taken = false;
  const char* begin = at_;
  const char first = *at_;
  if (first == '"') {
    field.kind = LineField::Kind::text;
    taken = take_text(field);
  } else if (first == 't' || first == 'f' || first == 'T' || first == 'F') {
    field.kind = LineField::Kind::boolean;
    taken = take_boolean();
  } else {
    field.kind = LineField::Kind::number;
    taken = take_number(field);
    const bool ended = taken && (at_line_end() || *at_ == ',' || *at_ == ' ');
    if (!ended && take_bad_number(field, begin)) return true;
  }
  return taken && (at_line_end() || *at_ == ',' || *at_ == ' ' || fail(LineFault::field_malformed));
}

// Instead of the number that was looked for at `begin`. False: nothing has changed.
bool LineReader::take_bad_number(LineField& field, const char* begin) {
  const char* value_end = find_byte<',', ' ', '\n'>(begin, end_);
  if (value_end != begin && value_end[-1] == '\r' && (value_end == end_ || *value_end == '\n')) --value_end;
  const std::string_view value(begin, static_cast<std::size_t>(value_end - begin));
  if (!is_bad_number(value)) return false;
  field.kind = LineField::Kind::bad_number;
  field.text_bytes = static_cast<std::uint32_t>(value.size());
  at_ = value_end;
  return true;
}

bool LineReader::take_number(LineField& field) {
  const char* begin = at_;
  const bool negative = *at_ == '-';
  if (negative) ++at_;
  const char* digits = at_;
  Digits mantissa;
  at_ = take_digits(at_, end_, mantissa);
  const char* whole_end = at_;
  std::uint32_t places = 0;
  if (at_ != end_ && *at_ == '.') {
    const std::uint32_t before = mantissa.digits;
    at_ = take_digits(at_ + 1, end_, mantissa);
    places = mantissa.digits - before;
  }
  if (mantissa.digits == 0) return fail(LineFault::number_invalid);
  const char follows = at_ == end_ ? '\n' : *at_;
  if (follows == 'e' || follows == 'E') return take_scientific(field, begin);
  if (follows == 'i' || follows == 'u') {
    std::uint64_t value = 0;
    const bool fits = at_ == whole_end && fits_64_bits(digits, whole_end, value) &&
                      (follows == 'u' ? !negative : value <= kInt64Max + (negative ? 1 : 0));
    if (!fits) return fail(LineFault::number_invalid);
    field.number = negative ? -static_cast<double>(value) : static_cast<double>(value);
    ++at_;
    return true;
  }
  // Both exact: one operation rounds once (Clinger, "How to read floating point numbers accurately", 1990).
  if (mantissa.digits <= kExactDigitsMax && (places == 0 || mantissa.value <= kExactMantissaMax)) [[likely]] {
    const double value = static_cast<double>(mantissa.value) / kExactPowers[places];
    field.number = negative ? -value : value;
    return true;
  }
  return read_long_number({begin, static_cast<std::size_t>(at_ - begin)}, field.number) ||
         fail(LineFault::number_invalid);
}

bool LineReader::take_scientific(LineField& field, const char* begin) {
  ++at_;
  if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
  Digits exponent;
  at_ = take_digits(at_, end_, exponent);
  if (exponent.digits == 0) return fail(LineFault::number_invalid);
  return read_long_number({begin, static_cast<std::size_t>(at_ - begin)}, field.number) ||
         fail(LineFault::number_invalid);
}

bool LineReader::take_boolean() {
  const char* begin = at_;
  while (at_ != end_ && ((*at_ >= 'a' && *at_ <= 'z') || (*at_ >= 'A' && *at_ <= 'Z'))) ++at_;
  const std::string_view word(begin, static_cast<std::size_t>(at_ - begin));
  constexpr std::array kWords{std::string_view("t"),    std::string_view("T"),     std::string_view("true"),
                              std::string_view("True"), std::string_view("TRUE"),  std::string_view("f"),
                              std::string_view("F"),    std::string_view("false"), std::string_view("False"),
                              std::string_view("FALSE")};
  return std::ranges::find(kWords, word) != kWords.end() || fail(LineFault::boolean_invalid);
}

bool LineReader::take_text(LineField& field) {
  const char* text_end = find_text_end(at_);
  if (text_end == nullptr) return fail(LineFault::quotes_unbalanced);
  line_number_ += static_cast<std::uint32_t>(std::count(at_, text_end, '\n'));
  field.text_bytes = static_cast<std::uint32_t>(text_end - at_ - 2);
  at_ = text_end;
  return true;
}

bool LineReader::take_timestamp(LinePoint& point) {
  point.timestamp.reset();
  point.thousandths = 0;
  while (at_ != end_ && is_gap(*at_)) ++at_;
  if (at_line_end()) return true;
  const bool negative = *at_ == '-';
  if (negative) ++at_;
  const char* begin = at_;
  Digits digits;
  at_ = take_digits(at_, end_, digits);
  std::uint64_t value = digits.value;
  const bool fits = digits.digits > 0 && (digits.digits <= Digits::kDigitsMax || fits_64_bits(begin, at_, value)) &&
                    value <= kInt64Max + (negative ? 1 : 0);
  if (!fits) return fail(LineFault::timestamp_invalid);
  point.timestamp = static_cast<std::int64_t>(negative ? 0 - value : value);
  while (at_ != end_ && is_gap(*at_)) ++at_;
  return at_line_end() || take_decimals(point, negative);
}

// ".250" right behind the whole seconds: further digits are cut off.
bool LineReader::take_decimals(LinePoint& point, bool negative) {
  constexpr std::size_t kThousandths = 3;
  constexpr std::int64_t kDecimalSecondsMax = 1'000'000'000'000'000;  // in milliseconds they fit 64 bits
  const bool may = decimals_ == Decimals::taken && !negative && *point.timestamp <= kDecimalSecondsMax;
  if (!may || at_ == end_ || *at_ != '.' || is_gap(at_[-1])) return fail(LineFault::timestamp_invalid);
  std::size_t digits = 0;
  for (++at_; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_, ++digits) {
    if (digits < kThousandths) {
      point.thousandths = static_cast<std::uint16_t>(point.thousandths * 10 + (*at_ - '0'));
    }
  }
  for (std::size_t i = digits; i < kThousandths; ++i) {
    point.thousandths = static_cast<std::uint16_t>(point.thousandths * 10);
  }
  while (at_ != end_ && is_gap(*at_)) ++at_;
  return (digits > 0 && at_line_end()) || fail(LineFault::timestamp_invalid);
}

void LineReader::take_line_end() {
  line_end_ = at_;
  if (at_ != end_ && *at_ == '\r') ++at_;
  if (at_ != end_) {
    ++at_;
    ++line_number_;
  }
}

// From wherever the line went wrong: a newline in a string that comes later is no line's end either.
void LineReader::skip_line(std::uint32_t begins_on) {
  at_ = find_line_end();
  line_end_ = at_;
  line_number_ = begins_on + static_cast<std::uint32_t>(std::count(line_, at_, '\n'));
  if (line_end_ != line_ && line_end_[-1] == '\r') --line_end_;
}

// Behind the quote that closes the string which begins at `open`; nullptr when none does. Then no other string begins
// later: its quote would follow an equals sign, and close this one.
const char* LineReader::find_text_end(const char* open) const {
  const char* at = open + 1;
  while ((at = find_byte<'"', '\\'>(at, end_)) != end_) {
    if (*at == '"') return at + 1;
    if (++at == end_) break;
    ++at;  // whatever the backslash stands before
  }
  return nullptr;
}

// The newline that is in no string, or the body's end, by the least that a line must be for strings to be told.
const char* LineReader::find_line_end() const {
  const char* at = line_;
  while (true) {  // the series
    at = find_byte<' ', '\n', '\\'>(at, end_);
    if (at == end_ || *at == '\n') return at;
    if (*at++ == ' ') break;
    if (at != end_ && *at == ' ') ++at;
  }
  while (at != end_ && is_gap(*at)) ++at;
  while (true) {
    at = find_byte<'=', ' ', '\n', '\\'>(at, end_);  // a field's key
    if (at == end_ || *at == '\n') return at;
    if (*at == ' ') return find_byte<'\n'>(at, end_);
    if (*at++ == '\\') {
      if (at != end_ && *at != '\n') ++at;
      continue;
    }
    if (at != end_ && *at == '"') {
      const char* text_end = find_text_end(at);
      if (text_end == nullptr) return find_byte<'\n'>(at, end_);
      at = text_end;
    }
    at = find_byte<',', ' ', '\n'>(at, end_);
    if (at == end_ || *at == '\n') return at;
    if (*at++ == ' ') return find_byte<'\n'>(at, end_);
  }
}

std::string_view SentTimestamps::of(std::uint32_t line) {
  for (; line_ < line; ++line_) {
    const std::size_t newline = rest_.find('\n');
    rest_.remove_prefix(newline == std::string_view::npos ? rest_.size() : newline + 1);
  }
  std::string_view word = rest_.substr(0, rest_.find('\n'));
  while (!word.empty() && (word.back() == '\r' || is_gap(word.back()))) word.remove_suffix(1);
  return word.substr(word.find_last_of(" \t") + 1);
}

}  // namespace temperature::ingest
