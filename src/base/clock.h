#pragma once

#include <chrono>

#include "base/error.h"
#include "base/time.h"

namespace temperature {

// The wall clock, handed in so that tests decide what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
};

// What another clock said at first, and the time that has passed since: it never leaps. Thread-safe.
class RunningClock final : public Clock {
 public:
  explicit RunningClock(const Clock& clock) : first_(clock.now()) {}
  [[nodiscard]] Timestamp now() const override {
    return first_ + std::chrono::floor<Duration>(std::chrono::steady_clock::now() - began_);
  }

 private:
  const Timestamp first_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// Whether a clock that says `now` can have been set: what it says lies between limits::kTimestampFirst and
// kTimestampLast. Else error clock_not_set: no reading can be judged by it, and none that it stamps could be asked for.
Result<void> check_clock(Timestamp now);

}  // namespace temperature
