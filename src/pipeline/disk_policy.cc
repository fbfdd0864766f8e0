#include "pipeline/disk_policy.h"

#include <algorithm>

namespace temperature::pipeline {

std::optional<DiskPolicy::Event> DiskPolicy::look(Timestamp now, std::uint64_t free) {
  const bool first = looks_.empty();
  if (looks_.size() >= 2 && now - looks_[looks_.size() - 2].when < limits::kDiskRateStep) looks_.pop_back();
  looks_.push_back({now, free});
  while (looks_.size() > 2 && looks_.front().when < now - limits::kDiskRateSpan) looks_.pop_front();

  const bool was_closed = closed_;
  closed_ = free < min_free_ || (was_closed && free - min_free_ < min_free_ / 8);
  const bool was_near = near_;
  const auto left = days_left();
  near_ = !closed_ && left && *left < limits::kDiskNearDays;

  const auto say = [&](Event event) {
    said_ = now;
    return event;
  };
  if (closed_ != was_closed) return say(closed_ ? Event::closed : Event::opened);
  if (first) return say(Event::begun);
  if (near_ && !was_near) return say(Event::near);
  if (now - said_ < std::chrono::days(1)) return std::nullopt;
  return say(near_ ? Event::near : Event::daily);
}

std::optional<double> DiskPolicy::days_left() const {
  if (looks_.empty()) return std::nullopt;
  const Look& then = looks_.front();
  const Look& now = looks_.back();
  if (now.when - then.when < limits::kDiskRateFrom || now.free >= then.free) return std::nullopt;
  const double a_day = std::chrono::duration<double, std::ratio<86'400>>(now.when - then.when).count();
  const double used_a_day = static_cast<double>(then.free - now.free) / a_day;
  return static_cast<double>(now.free - std::min(now.free, min_free_)) / used_a_day;
}

}  // namespace temperature::pipeline
