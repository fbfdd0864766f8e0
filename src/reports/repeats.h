#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace temperature::limits {

// Minutes for which the same error is reported once.
inline constexpr std::chrono::minutes kReportRepeatAfter{5};
// Different errors that are remembered as reported; the one reported first is forgotten for a further one.
inline constexpr std::size_t kReportedErrorsMax = 64;

}  // namespace temperature::limits

namespace temperature::reports {

// Which errors were reported just now. Not thread-safe.
class Repeats {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // nullopt: the same was reported less than limits::kReportRepeatAfter ago, and is counted. Else it is to be reported,
  // and so many like it were left out since the last report.
  std::optional<std::uint32_t> take(const std::string& error, Moment now);

 private:
  struct Reported {
    std::string error;
    Moment at;
    std::uint32_t left_out = 0;
  };
  std::deque<Reported> reported_;  // the one reported first is first
};

}  // namespace temperature::reports
