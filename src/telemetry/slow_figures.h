#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace temperature::limits {

// Seconds between two looks at the figures that take a while to find out; in between, who asks gets the last ones.
inline constexpr std::chrono::seconds kSlowFiguresLooked{5};

}  // namespace temperature::limits

namespace temperature::telemetry {

// Figures that take a while to find out, such as the bytes of a folder: looked at now and then on a thread of their
// own, so that nobody who asks for them waits. add(), start() and stop() from one thread, in this order.
class SlowFigures {
 public:
  using Figure = std::atomic<std::uint64_t>;
  using Look = std::function<std::uint64_t()>;

  explicit SlowFigures(std::chrono::milliseconds interval = limits::kSlowFiguresLooked) : interval_(interval) {}
  ~SlowFigures();  // stop()
  SlowFigures(const SlowFigures&) = delete;
  SlowFigures& operator=(const SlowFigures&) = delete;

  // What it looks at outlives stop(). The figure lives as long as this, and may be read on any thread.
  const Figure& add(Look look);

  void start();  // looks once before it returns
  void stop();   // idempotent

 private:
  struct Kept {
    Look look;
    Figure figure{0};
  };
  void look();

  const std::chrono::milliseconds interval_;
  std::deque<Kept> kept_;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace temperature::telemetry
