#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "history/history.h"
#include "model/ids.h"

namespace temperature::limits {

// Seconds without a look-up that failed after which the log says that the history answers again.
inline constexpr std::chrono::seconds kLookUpsWorkAgain{60};

}  // namespace temperature::limits

namespace temperature::pipeline {

// Whether the history can be asked for what it has of late readings.
//
// A batch is in the journal when its readings are decided. One of them for which the history could not be asked then is
// not taken, but a restart would read it again, and decide in its favour against whatever was taken for its place
// later, and acknowledged. So no late reading is taken until a flush has brought the history's safe position past it.
// Thread-safe.
class LookUps {
 public:
  using Log = std::function<void(const std::string& what, bool grave)>;
  // Both outlive it. `log` is told once of each change; it may be empty.
  LookUps(const history::History& history, const Clock& clock, Log log)
      : history_(history), clock_(clock), log_(std::move(log)) {}

  // A write is answered history_failed for it.
  void failed(const Error& why);
  // A look-up was answered.
  void answered() {
    if (failing_.load(std::memory_order_relaxed)) [[unlikely]]
      say_when_over();
  }

  // The record at this position has readings that were not decided, and so were not taken. Applier only.
  void leave_undecided(Position position) { undecided_.store(position.value(), std::memory_order_release); }
  // Why no late reading is taken now; nullopt: it may be. Error history_failed.
  [[nodiscard]] std::optional<Error> refuse() const;

  // Writes that were answered history_failed.
  [[nodiscard]] std::uint64_t writes_failed() const { return writes_failed_.load(std::memory_order_relaxed); }

 private:
  void say_when_over();

  const history::History& history_;
  const Clock& clock_;
  const Log log_;
  std::atomic<std::uint64_t> undecided_{0};  // the last record with such readings; 0: none
  std::atomic<std::uint64_t> writes_failed_{0};
  std::atomic<bool> failing_{false};
  std::atomic<std::int64_t> failed_ms_{0};  // when last
};

}  // namespace temperature::pipeline
