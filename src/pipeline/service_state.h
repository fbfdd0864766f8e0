#pragma once

#include <atomic>
#include <cstdint>

#include "base/error.h"

namespace temperature::pipeline {

// Where the service is in its life. Thread-safe; phases only go forward.
class ServiceState {
 public:
  enum class Phase : std::uint8_t { recovering, serving, stopping };

  [[nodiscard]] Phase phase() const { return phase_.load(std::memory_order_acquire); }
  void serve() { phase_.store(Phase::serving, std::memory_order_release); }
  void stop() {
    phase_.store(Phase::stopping, std::memory_order_release);
    stopping_.store(true, std::memory_order_release);
  }
  // For whoever has long work to end early.
  [[nodiscard]] const std::atomic<bool>& stopping() const { return stopping_; }

  // Whether too little space is left on the disk for writes to be taken.
  void disk_is_low(bool low) { disk_low_.store(low, std::memory_order_relaxed); }
  [[nodiscard]] bool disk_low() const { return disk_low_.load(std::memory_order_relaxed); }

  // The data folder was removed, or something else is mounted over it: nothing that is written would be found by the
  // next start. For good, because what was written meanwhile may lie elsewhere.
  void folder_is_lost() { folder_lost_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool folder_lost() const { return folder_lost_.load(std::memory_order_relaxed); }

  // Recovery's progress, for /readyz.
  void recovered(std::uint64_t readings) { recovered_.store(readings, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t recovered() const { return recovered_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Phase> phase_{Phase::recovering};
  std::atomic<std::uint64_t> recovered_{0};
  std::atomic<bool> disk_low_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> folder_lost_{false};
};

}  // namespace temperature::pipeline
