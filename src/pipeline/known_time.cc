#include "pipeline/known_time.h"

#include <fmt/format.h>

#include <algorithm>

namespace temperature::pipeline {
namespace {

constexpr std::string_view kUntil =
    "nothing is forgotten because of its age until the timestamps of three senders agree with the clock, or a start "
    "with --clock-is-right says so";

Duration magnitude(Duration duration) {
  return duration < Duration(0) ? -duration : duration;
}

// To the largest whole unit of it.
std::string about(Duration duration) {
  for (const Duration unit : {Duration(std::chrono::days(1)), Duration(std::chrono::hours(1)),
                              Duration(std::chrono::minutes(1)), Duration(std::chrono::seconds(1))}) {
    if (duration >= unit) return format_duration(duration - duration % unit);
  }
  return format_duration(duration);
}

Duration monotonic() {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

std::string_view name_of(ClockState state) {
  switch (state) {
    case ClockState::right:
      break;
    case ClockState::ahead:
      return "ahead";
    case ClockState::behind:
      return "behind";
    case ClockState::not_set:
      return "not_set";
  }
  return "right";
}

std::string KnownTime::Look::words() const {
  switch (state) {
    case ClockState::right:
      break;
    case ClockState::ahead:
      return fmt::format(
          "the clock says {}, {} after the last time that the service knew ({}): it was off for so long, or the clock "
          "is "
          "wrong; {}",
          format_timestamp(clock), about(clock - known), format_timestamp(known), kUntil);
    case ClockState::behind:
      return fmt::format("the clock says {}, {} before the last time that the service knew ({}); {}",
                         format_timestamp(clock), about(known - clock), format_timestamp(known), kUntil);
    case ClockState::not_set:
      return fmt::format("the clock is not set: it says {}; writes are refused (clock_not_set) until it is",
                         format_timestamp(clock));
  }
  return {};
}

KnownTime::Look KnownTime::look() const {
  Look look;
  look.known = timestamp_from_ms(known_ms_.load());
  look.clock = clock_.now();
  if (!check_clock(look.clock)) {
    look.state = ClockState::not_set;
  } else if (look.known == kTimestampMin) {
    look.state = ClockState::right;
  } else if (look.clock > look.known && look.clock - look.known > ahead_max_) {
    look.state = ClockState::ahead;
  } else if (look.clock < look.known && look.known - look.clock > limits::kClockBehindMax) {
    look.state = ClockState::behind;
  }
  return look;
}

Timestamp KnownTime::now() const {
  const Look now = look();
  if (now.state == ClockState::right || now.known == kTimestampMin) return now.clock;
  return std::min(now.clock, now.known);
}

KnownTime::Look KnownTime::learn() {
  Look now = look();
  if (now.state == ClockState::right && now.clock > now.known) {
    std::int64_t known = to_ms(now.known);
    // Else somebody confirmed another time since.
    known_ms_.compare_exchange_strong(known, to_ms(now.clock));
  }
  asks_.store(now.state == ClockState::ahead || now.state == ClockState::behind, std::memory_order_relaxed);
  return now;
}

void KnownTime::vouch(std::string_view sender, Timestamp sent) {
  const Look now = look();
  if (now.state != ClockState::ahead && now.state != ClockState::behind) return;
  if (magnitude(sent - now.clock) > limits::kVouchedMax) return;
  const Duration offset = now.clock.time_since_epoch() - monotonic();
  const std::lock_guard lock(mutex_);
  std::erase_if(vouchers_, [&](const Voucher& each) {
    return each.sender == sender || magnitude(each.offset - offset) > limits::kVouchedMax;
  });
  vouchers_.push_back({std::string(sender), offset});
  if (vouchers_.size() < limits::kVouchersNeeded) return;
  accepted_.clear();
  for (Voucher& each : vouchers_) accepted_.push_back(std::move(each.sender));
  vouchers_.clear();
  confirm_at(now.clock);
  asks_.store(false, std::memory_order_relaxed);
}

void KnownTime::confirm() {
  const Look now = look();
  if (now.state != ClockState::not_set) confirm_at(now.clock);
}

std::vector<std::string> KnownTime::take_vouchers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(accepted_, {});
}

}  // namespace temperature::pipeline
