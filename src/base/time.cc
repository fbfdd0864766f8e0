#include "base/time.h"

#include <array>
#include <charconv>
#include <limits>

namespace temperature {
namespace {

constexpr std::int64_t kDurationMaxMs = std::int64_t{10'000} * 366 * 86'400'000;

// Reads exactly `digits` decimal digits at `at` and moves past them.
bool read_digits(std::string_view text, std::size_t& at, int digits, int& value) {
  if (text.size() - at < static_cast<std::size_t>(digits)) return false;
  value = 0;
  for (int i = 0; i < digits; ++i) {
    const auto digit = static_cast<unsigned>(text[at + static_cast<std::size_t>(i)]) - '0';
    if (digit > 9) return false;
    value = value * 10 + static_cast<int>(digit);
  }
  at += static_cast<std::size_t>(digits);
  return true;
}

bool read_character(std::string_view text, std::size_t& at, std::string_view allowed) {
  if (at >= text.size() || !allowed.contains(text[at])) return false;
  ++at;
  return true;
}

// ".250": the part of a second in milliseconds, further digits cut off.
bool read_fraction(std::string_view text, std::size_t& at, int& ms) {
  ms = 0;
  if (at >= text.size() || text[at] != '.') return true;
  ++at;
  int digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
    if (digits < 3) ms = ms * 10 + (text[at] - '0');
  }
  for (int i = digits; i < 3; ++i) ms *= 10;
  return digits > 0;
}

// "Z" or "+02:00": the offset from UTC in minutes.
bool read_offset(std::string_view text, std::size_t& at, int& minutes) {
  minutes = 0;
  if (read_character(text, at, "Zz")) return true;
  const bool behind = at < text.size() && text[at] == '-';
  int hours = 0;
  int rest = 0;
  if (!read_character(text, at, "+-") || !read_digits(text, at, 2, hours) || !read_character(text, at, ":") ||
      !read_digits(text, at, 2, rest) || hours > 23 || rest > 59) {
    return false;
  }
  minutes = (hours * 60 + rest) * (behind ? -1 : 1);
  return true;
}

// Writes two decimal digits.
void put_two(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
  int offset_minutes = 0;
  const bool read = read_digits(text, at, 4, year) && read_character(text, at, "-") &&
                    read_digits(text, at, 2, month) && read_character(text, at, "-") && read_digits(text, at, 2, day) &&
                    read_character(text, at, "Tt ") && read_digits(text, at, 2, hour) &&
                    read_character(text, at, ":") && read_digits(text, at, 2, minute) &&
                    read_character(text, at, ":") && read_digits(text, at, 2, second) && read_fraction(text, at, ms) &&
                    read_offset(text, at, offset_minutes) && at == text.size();
  if (!read || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const Timestamp midnight = std::chrono::sys_days(date);
  if (second == 60) ms = 0;  // a leap second is the next minute's first second
  return midnight + std::chrono::hours(hour) + std::chrono::minutes(minute - offset_minutes) +
         std::chrono::seconds(second) + Duration(ms);
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error == std::errc() && end == text.data() + text.size()) return timestamp_from_ms(ms);
  return parse_rfc3339(text);
}

void append_timestamp(std::string& out, Timestamp moment) {
  constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);
  if (moment < kFirst) moment = kFirst;
  if (moment >= kEnd) moment = kEnd - Duration(1);
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(midnight);
  const auto in_day = static_cast<unsigned>((moment - midnight).count());
  std::array<char, 24> text{"0000-00-00T00:00:00.000"};
  char* const begin = text.data();
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const unsigned second = in_day / 1000;
  const unsigned ms = in_day % 1000;
  put_two(begin, year / 100);
  put_two(begin + 2, year % 100);
  put_two(begin + 5, static_cast<unsigned>(date.month()));
  put_two(begin + 8, static_cast<unsigned>(date.day()));
  put_two(begin + 11, second / 3600);
  put_two(begin + 14, second / 60 % 60);
  put_two(begin + 17, second % 60);
  put_two(begin + 20, ms / 10);
  begin[22] = static_cast<char>('0' + ms % 10);
  text.back() = 'Z';
  out.append(begin, text.size());
}

std::string format_timestamp(Timestamp moment) {
  std::string out;
  append_timestamp(out, moment);
  return out;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration(0);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  struct Unit {
    std::string_view name;
    std::int64_t ms;
  };
  for (const auto& [name, ms] : {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                 Unit{"d", 86'400'000}, Unit{"w", 604'800'000}}) {
    if (unit != name) continue;
    if (number > kDurationMaxMs / ms) return std::nullopt;
    return Duration(number * ms);
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  const std::int64_t ms = duration.count();
  struct Unit {
    std::string_view name;
    std::int64_t ms;
  };
  if (ms != 0) {
    for (const auto& [name, length] :
         {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}}) {
      if (ms % length == 0) return std::to_string(ms / length).append(name);
    }
    return std::to_string(ms) + "ms";
  }
  return "0s";
}

}  // namespace temperature
