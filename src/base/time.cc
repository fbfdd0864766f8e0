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

// "Z", "UTC", "+02:00", "+0200" or "+02", a blank before it or not: the offset from UTC in minutes.
bool read_offset(std::string_view text, std::size_t& at, OffsetSign sign, int& minutes) {
  minutes = 0;
  const bool blank_is_plus = sign == OffsetSign::blank_is_plus;
  const std::string_view rest = text.substr(at);
  if (rest.size() > 1 && rest[0] == ' ' &&
      (std::string_view("+-ZzU").contains(rest[1]) || (blank_is_plus && rest[1] == ' '))) {
    ++at;
  }
  if (read_character(text, at, "Zz")) return true;
  if (text.substr(at) == "UTC") {
    at = text.size();
    return true;
  }
  const bool behind = at < text.size() && text[at] == '-';
  int hours = 0;
  int rest_minutes = 0;
  if (!read_character(text, at, blank_is_plus ? "+- " : "+-") || !read_digits(text, at, 2, hours)) return false;
  if (at < text.size()) {
    read_character(text, at, ":");  // or none
    if (!read_digits(text, at, 2, rest_minutes)) return false;
  }
  minutes = (hours * 60 + rest_minutes) * (behind ? -1 : 1);
  return hours <= 23 && rest_minutes <= 59;
}

// A date and a time of day as they are written.
struct Calendar {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;

  bool read_date(std::string_view text, std::size_t& at) {
    return read_digits(text, at, 4, year) && read_character(text, at, "-") && read_digits(text, at, 2, month) &&
           read_character(text, at, "-") && read_digits(text, at, 2, day);
  }
  bool read_time_of_day(std::string_view text, std::size_t& at) {
    if (!read_digits(text, at, 2, hour) || !read_character(text, at, ":") || !read_digits(text, at, 2, minute)) {
      return false;
    }
    if (!read_character(text, at, ":")) return true;
    return read_digits(text, at, 2, second) && read_fraction(text, at, ms);
  }
  [[nodiscard]] std::chrono::year_month_day date() const {
    return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
            std::chrono::day(static_cast<unsigned>(day))};
  }
};

TimeRead fault(TimeFault why) {
  return {.moment = {}, .fault = why};
}

// Whether the minute that ends with `end` can have a second 60: the last one of a month.
bool ends_a_month(Timestamp end) {
  const auto midnight = std::chrono::floor<std::chrono::days>(end);
  return end == midnight && std::chrono::year_month_day(midnight).day() == std::chrono::day(1);
}

// Writes two decimal digits.
void put_two(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view text_of(TimeFault fault) {
  switch (fault) {
    case TimeFault::none:
      return "is a time";
    case TimeFault::time_missing:
      return "is a date without a time of day";
    case TimeFault::date_missing:
      return "is a time of day without a date";
    case TimeFault::offset_missing:
      return "has no offset from UTC; it must end with Z or one such as +01:00";
    case TimeFault::offset_invalid:
      return "has no offset from UTC that is understood; it must end with Z or one such as +01:00";
    case TimeFault::does_not_exist:
      return "is no moment that exists in the calendar";
    case TimeFault::leap_second:
      return "has a second 60, which only the last minute (23:59 UTC) of a month can have";
    case TimeFault::not_a_time:
      break;
  }
  return "is no moment that exists, in RFC 3339 or milliseconds since 1970";
}

TimeRead read_time(std::string_view text, OffsetSign sign) {
  std::size_t at = 0;
  Calendar calendar;
  if (!calendar.read_date(text, at)) {
    std::size_t begin = 0;
    const bool clock = Calendar().read_time_of_day(text, begin);
    return fault(clock ? TimeFault::date_missing : TimeFault::not_a_time);
  }
  const auto date = calendar.date();
  if (at == text.size()) return fault(date.ok() ? TimeFault::time_missing : TimeFault::does_not_exist);
  if (!read_character(text, at, "Tt ") || !calendar.read_time_of_day(text, at)) return fault(TimeFault::not_a_time);
  if (!date.ok() || calendar.hour > 23 || calendar.minute > 59 || calendar.second > 60) {
    return fault(TimeFault::does_not_exist);
  }
  if (at == text.size()) return fault(TimeFault::offset_missing);
  int offset_minutes = 0;
  if (!read_offset(text, at, sign, offset_minutes) || at != text.size()) return fault(TimeFault::offset_invalid);
  const Timestamp midnight = std::chrono::sys_days(date);
  const Timestamp minute =
      midnight + std::chrono::hours(calendar.hour) + std::chrono::minutes(calendar.minute - offset_minutes);
  if (calendar.second == 60) {
    const Timestamp next = minute + std::chrono::minutes(1);
    return ends_a_month(next) ? TimeRead{.moment = next} : fault(TimeFault::leap_second);
  }
  return {.moment = minute + std::chrono::seconds(calendar.second) + Duration(calendar.ms)};
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  const TimeRead read = read_time(text);
  return read.fault == TimeFault::none ? std::optional(read.moment) : std::nullopt;
}

std::optional<Timestamp> parse_date(std::string_view text) {
  std::size_t at = 0;
  Calendar calendar;
  if (!calendar.read_date(text, at) || at != text.size() || !calendar.date().ok()) return std::nullopt;
  return std::chrono::sys_days(calendar.date());
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
