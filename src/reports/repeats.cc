#include "reports/repeats.h"

#include <algorithm>

namespace temperature::reports {

std::optional<std::uint32_t> Repeats::take(const std::string& error, Moment now) {
  std::uint32_t left_out = 0;
  const auto known = std::ranges::find(reported_, error, &Reported::error);
  if (known != reported_.end()) {
    if (now - known->at < limits::kReportRepeatAfter) {
      ++known->left_out;
      return std::nullopt;
    }
    left_out = known->left_out;
    reported_.erase(known);
  }
  if (reported_.size() == limits::kReportedErrorsMax) reported_.pop_front();
  reported_.push_back({error, now, 0});
  return left_out;
}

}  // namespace temperature::reports
