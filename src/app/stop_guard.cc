#include "app/stop_guard.h"

#include <utility>

#include "base/thread.h"

namespace temperature::app {

StopGuard::StopGuard(std::chrono::milliseconds at_most, std::function<void()> too_long)
    : thread_([this, at_most, act = std::move(too_long)] {
        name_thread("stop-guard");
        std::unique_lock lock(mutex_);
        if (!ended_.wait_for(lock, at_most, [this] { return in_time_; })) act();
      }) {}

StopGuard::~StopGuard() {
  {
    const std::lock_guard lock(mutex_);
    in_time_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

}  // namespace temperature::app
