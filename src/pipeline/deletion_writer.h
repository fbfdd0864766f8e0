#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "history/history.h"
#include "model/ids.h"
#include "pipeline/pending_deletions.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Takes pending deletions into the history, flush by flush, and counts what went. The flusher's; one thread at a time.
class DeletionWriter {
 public:
  // All outlive it.
  DeletionWriter(window::Windows& windows, history::History& history, PendingDeletions& deletions)
      : windows_(windows), history_(history), deletions_(deletions) {}

  // A flush begins: whatever is pending has to be written, even if a flush that failed has done so: what it wrote
  // behind the tombstones is written again.
  void begin();
  // Writes the tombstones of all deletions that the windows have applied and this flush has not written.
  Result<void> write();
  // The history has all deletions up to this one: what a window holds that none behind it emptied may be written.
  [[nodiscard]] Position written() const { return written_; }

  // What was written is durable: nothing is hidden for it any more.
  void committed();
  // Takes over, from settle() on, those that are to leave every file, too, with whom to tell; in place of telling.
  using Purge = std::function<void(DeletionOutcome outcome, DeletionListener* listener)>;
  void on_purge(Purge purge) { purge_ = std::move(purge); }

  // After committed() and the look-up generation's change: the windows learn who is the newest now; listeners are told.
  void settle();
  // It is not: who waits is told that it is in force all the same.
  void failed();

 private:
  // What is kept of a deletion from one try to the next.
  struct Counting {
    std::size_t targets = 0;  // counted
    std::uint64_t readings = 0;
    bool complete = true;
  };
  Result<void> write(PendingDeletion& deletion);
  Result<std::uint64_t> count_emptied(const PendingDeletion& deletion, const PendingDeletion::Target& target) const;

  window::Windows& windows_;
  history::History& history_;
  PendingDeletions& deletions_;
  Purge purge_;
  Position committed_;
  Position written_;
  std::map<Position, Counting> counting_;
  std::vector<std::shared_ptr<PendingDeletion>> done_;  // by this flush
  std::map<WindowId, std::map<Slot, window::Window::Stored>> newest_;
};

}  // namespace temperature::pipeline
