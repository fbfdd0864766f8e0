#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace temperature::limits {

// Seconds for which a server may hold back reports with one answer; what it says beyond that counts as so long.
inline constexpr std::chrono::seconds kRateLimitMax{24 * 3'600};
// Seconds for which nothing is sent after an answer 429 that does not say for how long.
inline constexpr std::chrono::seconds kRateLimitUnsaid{60};

}  // namespace temperature::limits

namespace temperature::reports {

// What the server said about how much it takes: X-Sentry-Rate-Limits of any answer, else Retry-After of an answer 429
// (develop.sentry.dev/sdk/foundations/transport/rate-limiting). Of the categories only those count that reports of
// errors belong to: "error", and none at all, which means each. One thread.
class RateLimits {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Headers as they came; empty: there was none.
  void note(int status, std::string_view rate_limits, std::string_view retry_after, Moment now);

  [[nodiscard]] bool limited(Moment now) const { return now < until_; }
  [[nodiscard]] Moment until() const { return until_; }

 private:
  Moment until_{};
};

}  // namespace temperature::reports
