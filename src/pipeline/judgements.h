#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace temperature::pipeline {

// Asked before each judgement, a deletion or a correction, is journalled: the data folder admits them from then on.
// Thread-safe.
class AdmitJudgements {
 public:
  // Called by one thread at a time; may be empty.
  using Admit = std::function<Result<void>()>;
  explicit AdmitJudgements(Admit admit) : admit_(std::move(admit)) {}

  // Error startup: the folder's format cannot rise.
  Result<void> ask() {
    if (!admit_) return {};
    const std::lock_guard one_at_a_time(mutex_);
    return admit_();
  }

 private:
  const Admit admit_;
  std::mutex mutex_;
};

}  // namespace temperature::pipeline
