#pragma once

#include <mutex>
#include <sstream>
#include <vector>

#include "base/clock.h"
#include "client/pause.h"
#include "client/run.h"

namespace temperature::client {

// A clock that moves only when somebody waits, and the waiting: nothing takes time.
class TestTime final : public Clock, public Pause {
 public:
  explicit TestTime(Timestamp now) : now_(now) {}

  [[nodiscard]] Timestamp now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  bool wait(Duration duration) override {
    const std::lock_guard lock(mutex_);
    if (interrupted_) return false;
    now_ += duration;
    waits_.push_back(duration);
    if (now_ >= end_) interrupted_ = true;
    return !interrupted_;
  }

  [[nodiscard]] bool interrupted() const override {
    const std::lock_guard lock(mutex_);
    return interrupted_;
  }

  // Somebody ends the program at this moment.
  void interrupt_at(Timestamp end) { end_ = end; }

  [[nodiscard]] std::vector<Duration> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  Timestamp now_;
  Timestamp end_ = kTimestampMax;
  bool interrupted_ = false;
  std::vector<Duration> waits_;
};

struct TestSurroundings {
  explicit TestSurroundings(Timestamp now) : time(now) {}

  TestTime time;
  std::ostringstream out;
  std::ostringstream err;
  Surroundings surroundings{time, time, out, err, false};
};

}  // namespace temperature::client
