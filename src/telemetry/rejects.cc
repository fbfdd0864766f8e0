#include "telemetry/rejects.h"

#include <algorithm>
#include <utility>

#include "base/reject_limits.h"

namespace temperature::telemetry {

void Rejects::add(std::string_view door, std::string_view sender, std::uint64_t place, Error error,
                  std::string_view text) {
  Reject reject{clock_.now(),        door,
                std::string(sender), place,
                std::move(error),    std::string(text.substr(0, limits::kRejectTextBytesMax))};
  reject.error.detail.resize(std::min(reject.error.detail.size(), limits::kRejectDetailBytesMax));
  std::uint64_t unnamed = 0;
  bool name = false;
  Reject named;
  {
    const std::lock_guard lock(mutex_);
    ++count_;
    if (reject.at >= log_after_) {
      log_after_ = reject.at + limits::kRejectLogged;
      unnamed = count_ - logged_count_ - 1;
      logged_count_ = count_;
      named = reject;
      name = true;
    }
    if (kept_.size() == limits::kRejectsKept) kept_.pop_front();
    kept_.push_back(std::move(reject));
  }
  if (!name) return;
  log_.warn("refused what was sent; GET /v1/rejects has more", {{"door", std::string(named.door)},
                                                                {"sender", named.sender},
                                                                {"code", std::string(traits(named.error.code).code)},
                                                                {"detail", named.error.detail},
                                                                {"text", named.text},
                                                                {"unnamed", std::to_string(unnamed)}});
}

std::vector<Rejects::Reject> Rejects::newest(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Reject> found;
  for (auto at = kept_.rbegin(); at != kept_.rend() && found.size() < limit; ++at) found.push_back(*at);
  return found;
}

std::uint64_t Rejects::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace temperature::telemetry
