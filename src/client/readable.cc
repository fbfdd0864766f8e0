#include "client/readable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace temperature::client {
namespace {

constexpr double kTwoDecimalsMin = 0.005;  // below, two decimals say nothing
constexpr double kTwoDecimalsMax = 1e9;    // above, they say too much

struct TimeUnit {
  Duration length;
  std::string_view name;
};

constexpr std::array kUnits{TimeUnit{std::chrono::days(1), "day"}, TimeUnit{std::chrono::hours(1), "hour"},
                            TimeUnit{std::chrono::minutes(1), "minute"}, TimeUnit{std::chrono::seconds(1), "second"}};

}  // namespace

std::string readable_value(double value, std::string_view unit) {
  const double size = std::abs(value);
  const bool two_decimals = value == 0 || (size >= kTwoDecimalsMin && size < kTwoDecimalsMax);
  std::string text = two_decimals ? fmt::format("{:.2f}", value) : fmt::format("{:.3g}", value);
  if (!unit.empty()) text += fmt::format(" {}", unit);
  return text;
}

std::string readable_moment(Timestamp moment) {
  std::string text = format_timestamp(moment);  // 2026-11-29T03:44:04.000Z
  text.pop_back();
  if (text.ends_with(".000")) text.resize(text.size() - 4);
  std::ranges::replace(text, 'T', ' ');
  return text + " UTC";
}

std::string readable_age(Duration age) {
  using std::chrono::floor;
  const Duration whole = std::max(age, Duration(0));
  if (whole < std::chrono::minutes(2)) return fmt::format("{} s", floor<std::chrono::seconds>(whole).count());
  if (whole < std::chrono::hours(2)) return fmt::format("{} min", floor<std::chrono::minutes>(whole).count());
  if (whole < std::chrono::days(2)) return fmt::format("{} h", floor<std::chrono::hours>(whole).count());
  return fmt::format("{} d", floor<std::chrono::days>(whole).count());
}

std::string readable_duration(Duration duration) {
  for (const TimeUnit& unit : kUnits) {
    if (duration >= unit.length && duration % unit.length == Duration(0)) {
      return counted(static_cast<std::uint64_t>(duration / unit.length), unit.name);
    }
  }
  return fmt::format("{} ms", duration.count());
}

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace temperature::client
