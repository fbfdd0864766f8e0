#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "pipeline/disk_policy.h"
#include "pipeline/service_state.h"

namespace temperature::pipeline {

// Tells how much space is left on the disk that keeps everything.
class DiskProbe {
 public:
  virtual ~DiskProbe() = default;
  // Bytes that this process may still write; nullopt when it cannot be told.
  [[nodiscard]] virtual std::optional<std::uint64_t> free() const = 0;
  // Whether the folder that keeps everything is still the one that it was at first.
  [[nodiscard]] virtual bool in_place() const { return true; }
};

// Looks at the disk several times a second and has writes refused before it is full; and once a second whether the data
// folder is still there.
class DiskWatch {
 public:
  // `log` is told what there is to say; `grave` when it needs somebody. The probe may be nullptr: then nothing is
  // watched.
  using Log = std::function<void(const std::string& what, bool grave)>;
  DiskWatch(const DiskProbe* probe, std::uint64_t min_free, const Clock& clock, ServiceState& state, Log log);
  ~DiskWatch();  // stop()
  DiskWatch(const DiskWatch&) = delete;
  DiskWatch& operator=(const DiskWatch&) = delete;

  void start();  // looks once before it returns
  void stop();   // idempotent

  struct Figures {
    std::atomic<std::uint64_t> free{0};
    std::atomic<double> days_left{-1};  // below 0: not known
  };
  [[nodiscard]] const Figures& figures() const { return figures_; }
  [[nodiscard]] std::uint64_t min_free() const { return min_free_; }

 private:
  void look();
  void look_for_folder();
  void say(DiskPolicy::Event event, std::uint64_t free) const;

  const DiskProbe* probe_;
  const std::uint64_t min_free_;
  const Clock& clock_;
  ServiceState& state_;
  const Log log_;
  DiskPolicy policy_;
  Figures figures_;
  Timestamp last_ = kTimestampMin;
  std::uint64_t looks_ = 0;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace temperature::pipeline
