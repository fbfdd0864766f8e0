#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace temperature {

// A stretch of time in milliseconds.
using Duration = std::chrono::milliseconds;

// The shortest one.
inline constexpr Duration kTick{1};

// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using Timestamp = std::chrono::sys_time<Duration>;

constexpr Timestamp timestamp_from_ms(std::int64_t ms) {
  return Timestamp(Duration(ms));
}
constexpr std::int64_t to_ms(Timestamp moment) {
  return moment.time_since_epoch().count();
}

// The earliest and the latest moment that the type can hold; both stand for "no bound".
inline constexpr Timestamp kTimestampMin = Timestamp::min();
inline constexpr Timestamp kTimestampMax = Timestamp::max();

// The moment after this one; after the latest there is none but itself.
constexpr Timestamp tick_after(Timestamp moment) {
  return moment == kTimestampMax ? moment : moment + kTick;
}

// Why a text is no time.
enum class TimeFault : std::uint8_t {
  none,
  not_a_time,
  time_missing,    // a date alone
  date_missing,    // a time of day alone
  offset_missing,  // nothing says where on Earth it is that time
  offset_invalid,
  does_not_exist,  // 30 February
  leap_second,     // a second 60 where there can be none
};

// What it says of such a text, to stand behind its name: "has no offset from UTC: ...".
std::string_view text_of(TimeFault fault);

// In a query a plus that nobody escaped arrives as a blank.
enum class OffsetSign : std::uint8_t { plus_or_minus, blank_is_plus };

struct TimeRead {
  Timestamp moment{};  // when there is no fault
  TimeFault fault = TimeFault::none;
};

// Reads a date and time with its offset from UTC: RFC 3339 ("2022-10-05T22:00:00Z", "2022-10-06 00:00:00.250+02:00"),
// and as much of ISO 8601 as is told apart from everything else: "+0200", "+02", a blank or nothing before the offset,
// "UTC", seconds left out. Digits past the millisecond are cut off. A leap second (":60") is the next minute's first
// second; it can be in the last minute (23:59 UTC) of a month alone.
TimeRead read_time(std::string_view text, OffsetSign sign = OffsetSign::plus_or_minus);

// The same; nullopt when it is no time.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

// Midnight in UTC of a date ("2022-10-05"); nullopt when the text is anything else, or a date that does not exist.
std::optional<Timestamp> parse_date(std::string_view text);

// Reads a moment as the interface takes it: RFC 3339, or whole milliseconds since 1970 ("-" allowed).
std::optional<Timestamp> parse_timestamp(std::string_view text);

// "2022-10-05T22:00:00.000Z": always milliseconds, always Z. Years outside 0..9999 are clamped.
std::string format_timestamp(Timestamp moment);

// Appends what format_timestamp() returns.
void append_timestamp(std::string& out, Timestamp moment);

// Reads a duration: a whole number followed by ms, s, m, h, d or w ("90s", "15m", "7d"); "0" alone is zero.
// nullopt when the text is anything else, negative, or longer than 10,000 years.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest text that parse_duration() reads back: "15m", "90s", "250ms", "0s".
std::string format_duration(Duration duration);

}  // namespace temperature
