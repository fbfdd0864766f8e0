#include "client/written_time.h"

#include <date/date.h>

#include <charconv>
#include <cmath>
#include <sstream>

namespace temperature::client {
namespace {

constexpr int kYearFirst = 1900;  // a "%Y" that met two digits is none

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What is left of a text while it is read.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool number(std::size_t digits_min, std::size_t digits_max, int& value) {
    std::size_t digits = 0;
    value = 0;
    while (digits < rest_.size() && digits < digits_max && is_digit(rest_[digits])) {
      value = value * 10 + (rest_[digits++] - '0');
    }
    rest_.remove_prefix(digits);
    return digits >= digits_min && (rest_.empty() || !is_digit(rest_[0]));
  }

  bool one_of(std::string_view allowed) {
    if (rest_.empty() || !allowed.contains(rest_[0])) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Milliseconds after a point or a comma; further digits are cut off.
  bool fraction(int& ms) {
    ms = 0;
    if (!one_of(".,")) return true;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1), ++digits) {
      if (digits < 3) ms = ms * 10 + (rest_[0] - '0');
    }
    for (int i = digits; i < 3; ++i) ms *= 10;
    return digits > 0;
  }

  // "AM" or "PM" in any case: 0 or 12 hours; nullopt when there is neither.
  std::optional<int> half_day() {
    if (rest_.size() < 2 || (rest_[1] != 'M' && rest_[1] != 'm')) return std::nullopt;
    const char half = rest_[0];
    if (half != 'A' && half != 'a' && half != 'P' && half != 'p') return std::nullopt;
    rest_.remove_prefix(2);
    return half == 'P' || half == 'p' ? 12 : 0;
  }

  void blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<LocalTime> at(int year, int month, int day, Duration in_day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < kYearFirst) return std::nullopt;
  return std::chrono::local_days(date) + in_day;
}

// The time of day, to its offset.
std::optional<Duration> read_time_of_day(Reader& text) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
  if (!text.number(1, 2, hour) || !text.one_of(":") || !text.number(2, 2, minute)) return std::nullopt;
  if (text.one_of(":") && (!text.number(2, 2, second) || !text.fraction(ms))) return std::nullopt;
  text.blanks();
  if (const auto half = text.half_day()) {
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + *half;
    text.blanks();
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) + Duration(ms);
}

std::optional<WrittenTime> read_epoch_seconds(std::string_view text) {
  double epoch_s = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), epoch_s);
  if (problem != std::errc() || end != text.data() + text.size() || !(std::abs(epoch_s) < 1e11)) return std::nullopt;
  return WrittenTime{LocalTime(Duration(std::llround(epoch_s * 1000))), std::chrono::minutes(0)};
}

}  // namespace

std::optional<WrittenTime> read_plain_time(std::string_view text) {
  Reader reader(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!reader.number(4, 4, year) || reader.rest().empty()) return std::nullopt;
  const char between = reader.rest()[0];
  if (!reader.one_of("-/.") || !reader.number(1, 2, month) || !reader.one_of(std::string_view(&between, 1)) ||
      !reader.number(1, 2, day) || !reader.one_of("Tt ")) {
    return std::nullopt;
  }
  reader.blanks();
  const auto in_day = read_time_of_day(reader);
  if (!in_day) return std::nullopt;
  const auto local = at(year, month, day, *in_day);
  if (!local) return std::nullopt;
  if (reader.rest().empty()) return WrittenTime{*local, std::nullopt};
  const auto offset = parse_offset(reader.rest());
  if (!offset) return std::nullopt;
  return WrittenTime{*local, offset};
}

std::optional<WrittenTime> read_time(std::string_view text, const std::string& format) {
  if (format == "%s") return read_epoch_seconds(text);
  // The library says so by leaving it alone.
  constexpr std::chrono::minutes kNoOffset = std::chrono::minutes::min();
  std::istringstream in{std::string(text)};
  date::local_time<Duration> read;
  std::chrono::minutes offset = kNoOffset;
  std::string zone;
  date::from_stream(in, format.c_str(), read, &zone, &offset);
  if (in.fail()) return std::nullopt;
  if (in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  WrittenTime written{LocalTime(read.time_since_epoch()), std::nullopt};
  const auto day = std::chrono::floor<std::chrono::days>(written.local);
  if (std::chrono::year_month_day(day).year() < std::chrono::year(kYearFirst)) return std::nullopt;
  if (offset != kNoOffset) written.offset = offset;
  return written;
}

bool day_and_month_unclear(std::string_view text) {
  Reader reader(text);
  int number = 0;
  if (!reader.number(1, 2, number) || reader.rest().empty()) return false;
  const char between = reader.rest()[0];
  return reader.one_of("/.-") && reader.number(1, 2, number) && reader.one_of(std::string_view(&between, 1)) &&
         reader.number(2, 4, number);
}

}  // namespace temperature::client
