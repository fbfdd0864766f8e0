#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "history/purges.h"

namespace temperature::history {

// Of a history without files: there is nothing to do but to note it.
class MemoryPurges final : public Purges {
 public:
  Result<void> note(const PurgeNote& note) override {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(note);
    return {};
  }
  [[nodiscard]] std::vector<PurgeNote> list() const override {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  Result<bool> work(Position) override { return true; }
  Result<void> done(Position upto) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(notes_, [upto](const PurgeNote& note) { return note.deletion <= upto; });
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PurgeNote> notes_;
};

}  // namespace temperature::history
