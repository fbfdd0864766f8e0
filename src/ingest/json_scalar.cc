#include "ingest/json_scalar.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "ingest/exact_power.h"

namespace temperature::ingest {
namespace {

constexpr int kMantissaDigitsMax = 18;                          // more may not fit 64 bits
constexpr std::int64_t kExponentMax = 100'000'000'000'000'000;  // beyond any text's length; ten times it fits

// For eight digits at once.
constexpr std::uint64_t kHighs = 0xf0f0'f0f0'f0f0'f0f0;
constexpr std::uint64_t kSixes = 0x0606'0606'0606'0606;
constexpr std::uint64_t kPairs = 0x0000'00ff'0000'00ff;

// A number taken apart: mantissa * 10^exponent, if `digits` is at most kMantissaDigitsMax.
struct Parts {
  bool negative = false;
  bool whole = true;
  std::uint64_t mantissa = 0;
  std::int64_t digits = 0;    // of the mantissa, leading zeros counted
  std::int64_t exponent = 0;  // written one less the digits behind the point
};

// Eight digits at once: pairs, then fours, then all (Lemire, "Quickly parsing eight digits", 2018).
[[gnu::always_inline]] inline bool take_eight_digits(const char* at, std::uint64_t& mantissa) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof(bytes));
  if (((bytes & kHighs) | ((bytes + kSixes) & kHighs) >> 4U) != 0x3333'3333'3333'3333) return false;
  bytes -= 0x3030'3030'3030'3030;
  bytes = bytes * 10 + (bytes >> 8U);
  const std::uint64_t high = (bytes & kPairs) * (100 + (std::uint64_t{1'000'000} << 32U));
  const std::uint64_t low = (bytes >> 16U & kPairs) * (1 + (std::uint64_t{10'000} << 32U));
  mantissa = mantissa * 100'000'000 + ((high + low) >> 32U);
  return true;
}
static_assert(std::endian::native == std::endian::little, "the first digit must be the lowest byte");

[[gnu::always_inline]] inline void take_digits(const char*& at, const char* end, Parts& parts) {
  const char* first = at;
  while (end - at >= 8 && take_eight_digits(at, parts.mantissa)) at += 8;
  for (unsigned digit = 0; at != end && (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) <= 9; ++at) {
    parts.mantissa = parts.mantissa * 10 + digit;
  }
  parts.digits += at - first;
}

bool take_exponent(const char*& at, Parts& parts) {
  ++at;
  const bool negative = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  const char* first = at;
  std::int64_t exponent = 0;
  for (unsigned digit = 0; (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) <= 9; ++at) {
    if (exponent < kExponentMax) exponent = exponent * 10 + digit;
  }
  parts.exponent += negative ? -exponent : exponent;
  return at != first;
}

// False when the text is not a number by the grammar of RFC 8259, section 6.
[[gnu::always_inline]] inline bool take_apart(std::string_view text, Parts& parts) {
  const char* at = text.data();
  const char* end = at + text.size();
  if (text.empty()) return false;
  parts.negative = *at == '-';
  if (parts.negative) ++at;
  const char* first = at;
  take_digits(at, end, parts);
  if (at == first || (*first == '0' && at - first > 1)) return false;
  if (*at == '.') {
    parts.whole = false;
    const char* point = at++;
    take_digits(at, end, parts);
    if (at - point == 1) return false;
    parts.exponent = -(at - point - 1);
  }
  if (*at == 'e' || *at == 'E') {
    parts.whole = false;
    if (!take_exponent(at, parts)) return false;
  }
  return at == end;
}

// How many digits stand before the point when the number is written without an exponent and leading
// zeros: it decides whether a number that no double holds is too large or too small. 0 for zero.
std::int64_t magnitude(std::string_view text, const Parts& parts) {
  std::int64_t zeros = 0;
  for (const char c : text) {
    if (c >= '1' && c <= '9') return parts.digits - zeros + parts.exponent;
    if (c == 'e' || c == 'E') break;
    if (c == '0') ++zeros;
  }
  return 0;
}

// -1 when the four characters are not hexadecimal digits.
int read_hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(at, at + 4, value, 16);
  return error == std::errc() && stop == at + 4 ? static_cast<int>(value) : -1;
}

char* put_utf8(char* out, unsigned code) {
  const auto put = [&out](unsigned byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U);
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3fU));
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
  return out;
}

// The character of the \u escape whose digits begin at `at`; moves past it and its second half.
std::optional<unsigned> read_code(char*& at, const char* end) {
  const int first = read_hex4(at, end);
  if (first < 0) return std::nullopt;
  at += 4;
  const auto code = static_cast<unsigned>(first);
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u') return std::nullopt;
  const int second = read_hex4(at + 2, end);
  if (second < 0xdc00 || second > 0xdfff) return std::nullopt;
  at += 6;
  return 0x10000 + ((code - 0xd800) << 10U) + (static_cast<unsigned>(second) - 0xdc00);
}

// What stands behind a backslash for one character; 0 when nothing does.
char plain_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

bool is_not_finite(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  constexpr std::array kWords{std::string_view("nan"), std::string_view("inf"), std::string_view("infinity")};
  return std::ranges::any_of(kWords, [text](std::string_view word) {
    return std::ranges::equal(text, word, [](char c, char small) { return (c | 0x20) == small; });
  });
}

JsonNumber read_json_number(std::string_view text) {
  using Kind = JsonNumber::Kind;
  Parts parts;
  if (!take_apart(text, parts)) return {};
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (parts.digits <= kMantissaDigitsMax) {
    if (parts.whole) {
      const auto magnitude_of = static_cast<std::int64_t>(parts.mantissa);
      const auto value = static_cast<double>(magnitude_of);
      return {Kind::whole, parts.negative ? -value : value, parts.negative ? -magnitude_of : magnitude_of};
    }
    // Both exact: one operation rounds once (Clinger, "How to read floating point numbers accurately", 1990).
    const std::int64_t power = parts.exponent < 0 ? -parts.exponent : parts.exponent;
    if (parts.mantissa <= kExactMantissaMax && power < static_cast<std::int64_t>(kExactPowers.size())) {
      const double scale = kExactPowers[static_cast<std::size_t>(power)];
      const auto mantissa = static_cast<double>(parts.mantissa);
      const double value = parts.exponent < 0 ? mantissa / scale : mantissa * scale;
      return {Kind::real, parts.negative ? -value : value, 0};
    }
  }
  JsonNumber number{Kind::real, 0, 0};
  if (parts.whole && std::from_chars(begin, end, number.whole).ec == std::errc()) number.kind = Kind::whole;
  const auto [stop, error] = std::from_chars(begin, end, number.value);
  if (error == std::errc() && std::isfinite(number.value)) return number;
  if (magnitude(text, parts) > 0) return {Kind::too_large, 0, 0};
  return {Kind::real, parts.negative ? -0.0 : 0.0, 0};
}

JsonWhole read_json_whole(std::string_view number) {
  using Kind = JsonWhole::Kind;
  Parts parts;
  if (!take_apart(number, parts)) return {Kind::fractional, 0};
  const std::string_view mantissa = number.substr(0, number.find_first_of("eE"));
  const std::size_t last = mantissa.find_last_of("123456789");
  if (last == std::string_view::npos) return {Kind::whole, 0};
  const std::int64_t digits_whole = magnitude(number, parts);
  // Zeros at the end of the mantissa move the point.
  const std::string_view zeros = mantissa.substr(last + 1);
  const std::int64_t exponent = parts.exponent + std::count(zeros.begin(), zeros.end(), '0');
  if (exponent < 0) return {Kind::fractional, 0};
  if (digits_whole > std::numeric_limits<std::int64_t>::digits10 + 1) return {Kind::too_large, 0};
  std::uint64_t value = 0;  // 19 digits fit
  for (const char c : mantissa.substr(0, last + 1)) {
    if (c >= '0' && c <= '9') value = value * 10 + static_cast<unsigned>(c - '0');
  }
  for (std::int64_t i = 0; i < exponent; ++i) value *= 10;
  const std::uint64_t value_max = std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (parts.negative ? 1 : 0);
  if (value > value_max) return {Kind::too_large, 0};
  return {Kind::whole, static_cast<std::int64_t>(parts.negative ? 0 - value : value)};
}

std::optional<std::string_view> unescape_json(char* begin, char* end) {
  char* out = begin;
  for (char* at = begin; at != end;) {
    if (*at != '\\') {
      *out++ = *at++;
      continue;
    }
    if (++at == end) return std::nullopt;
    const char escape = *at++;
    if (escape == 'u') {
      const auto code = read_code(at, end);
      if (!code) return std::nullopt;
      out = put_utf8(out, *code);
    } else if (const char c = plain_escape(escape); c != 0) {
      *out++ = c;
    } else {
      return std::nullopt;
    }
  }
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

}  // namespace temperature::ingest
