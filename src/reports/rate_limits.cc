#include "reports/rate_limits.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>
#include <string>

namespace temperature::reports {
namespace {

using std::chrono::seconds;

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The text up to the first `mark`, which is taken off with it.
std::string_view next(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return without_blanks(part);
}

// Whole or broken; rounded up.
std::optional<seconds> seconds_of(std::string_view text) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  const auto most = static_cast<double>(limits::kRateLimitMax.count());
  return seconds(static_cast<std::int64_t>(std::ceil(std::clamp(number, 0.0, most))));
}

bool is_for_errors(std::string_view categories) {
  if (categories.empty()) return true;
  while (!categories.empty()) {
    if (next(categories, ';') == "error") return true;
  }
  return false;
}

// "60:error;transaction:key:reason, 2700::organization"
seconds limit_in(std::string_view header) {
  seconds longest{0};
  while (!header.empty()) {
    std::string_view limit = next(header, ',');
    const auto named = seconds_of(next(limit, ':'));
    if (named && is_for_errors(next(limit, ':'))) longest = std::max(longest, *named);
  }
  return longest;
}

// Seconds, or a date of HTTP.
seconds retry_after(std::string_view header) {
  header = without_blanks(header);
  if (const auto named = seconds_of(header)) return *named;
  const std::time_t moment = ::curl_getdate(std::string(header).c_str(), nullptr);
  if (moment == -1) return limits::kRateLimitUnsaid;
  const auto left = std::chrono::system_clock::from_time_t(moment) - std::chrono::system_clock::now();
  return std::clamp(std::chrono::ceil<seconds>(left), seconds(0), limits::kRateLimitMax);
}

}  // namespace

void RateLimits::note(int status, std::string_view rate_limits, std::string_view retry_after_header, Moment now) {
  constexpr int kTooMany = 429;
  seconds limit{0};
  if (!without_blanks(rate_limits).empty()) {
    limit = limit_in(rate_limits);
  } else if (status == kTooMany) {
    limit = retry_after_header.empty() ? limits::kRateLimitUnsaid : retry_after(retry_after_header);
  }
  until_ = std::max(until_, now + limit);
}

}  // namespace temperature::reports
