#include "telemetry/slow_figures.h"

#include <utility>

#include "base/thread.h"

namespace temperature::telemetry {

SlowFigures::~SlowFigures() {
  stop();
}

const SlowFigures::Figure& SlowFigures::add(Look look) {
  Kept& kept = kept_.emplace_back();
  kept.look = std::move(look);
  return kept.figure;
}

void SlowFigures::look() {
  for (Kept& kept : kept_) kept.figure.store(kept.look(), std::memory_order_relaxed);
}

void SlowFigures::start() {
  look();
  thread_ = std::thread([this] {
    name_thread("figures");
    std::unique_lock lock(mutex_);
    while (!woken_.wait_for(lock, interval_, [this] { return stopping_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  });
}

void SlowFigures::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace temperature::telemetry
