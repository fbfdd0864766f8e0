#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/time.h"

namespace temperature::limits {

// Hours that the clock may be ahead of the last time that the service knew; more has to be confirmed.
inline constexpr Duration kClockAheadMax = std::chrono::hours(24);
// Minutes that it may be behind it.
inline constexpr Duration kClockBehindMax = std::chrono::minutes(5);
// Minutes between a sender's own timestamp and a clock that it confirms, at most.
inline constexpr Duration kVouchedMax = std::chrono::minutes(5);
// Senders whose timestamps confirm a clock.
inline constexpr std::size_t kVouchersNeeded = 3;

}  // namespace temperature::limits

namespace temperature::pipeline {

// How the clock stands to the last time that the service knew.
enum class ClockState : std::uint8_t {
  right,
  ahead,    // by more than limits::kClockAheadMax: the service was off for long, or the clock is wrong
  behind,   // by more than limits::kClockBehindMax
  not_set,  // outside of what a clock can say (check_clock)
};

std::string_view name_of(ClockState state);

// Whether the clock can be believed. What is forgotten for its age is gone for good, so the retention counts by now():
// the clock's time while it is right, else the earlier of the clock's and the last known. Thread-safe.
class KnownTime final : public Clock {
 public:
  explicit KnownTime(const Clock& clock, Duration ahead_max = limits::kClockAheadMax)
      : clock_(clock), ahead_max_(ahead_max) {}

  // What was known before; without it the clock is right from the first time that it is set.
  void begin(Timestamp known) { known_ms_.store(to_ms(known)); }

  [[nodiscard]] Timestamp now() const override;

  struct Look {
    ClockState state = ClockState::right;
    Timestamp clock{};
    Timestamp known{};  // kTimestampMin: nothing is
    // What there is to say of it; empty where it is right.
    [[nodiscard]] std::string words() const;
  };
  [[nodiscard]] Look look() const;
  // The same; and where the clock is right, its time is known from then on. Called now and then: what passes between
  // two calls counts as a leap.
  Look learn();

  // What a sender wrote itself: three of them that agree with the clock confirm it. Quick while the clock is right.
  void vouch(std::string_view sender, Timestamp sent);
  [[nodiscard]] bool asks() const { return asks_.load(std::memory_order_relaxed); }  // whether vouch() would matter
  // The clock is right whatever was known, if it is set.
  void confirm();
  // Who confirmed it since the last call; empty: nobody did.
  [[nodiscard]] std::vector<std::string> take_vouchers();

 private:
  void confirm_at(Timestamp now) { known_ms_.store(to_ms(now)); }

  // The clock's distance to the monotonic one says whether it was set anew since.
  struct Voucher {
    std::string sender;
    Duration offset;
  };

  const Clock& clock_;
  const Duration ahead_max_;
  std::atomic<std::int64_t> known_ms_{to_ms(kTimestampMin)};
  std::atomic<bool> asks_{false};
  std::mutex mutex_;
  std::vector<Voucher> vouchers_;      // fewer than limits::kVouchersNeeded
  std::vector<std::string> accepted_;  // those that confirmed it
};

}  // namespace temperature::pipeline
