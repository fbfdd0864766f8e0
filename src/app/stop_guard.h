#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace temperature::app {

// Sees to it that stopping has an end: whoever waits for it kills the process otherwise, and would not know why it took
// so long. When it lives longer than `at_most`, `too_long` is called on a thread of its own, which should end the
// process. That loses nothing: what is acknowledged is in the journal.
class StopGuard {
 public:
  StopGuard(std::chrono::milliseconds at_most, std::function<void()> too_long);
  ~StopGuard();  // in time
  StopGuard(const StopGuard&) = delete;
  StopGuard& operator=(const StopGuard&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool in_time_ = false;
  std::thread thread_;
};

}  // namespace temperature::app
