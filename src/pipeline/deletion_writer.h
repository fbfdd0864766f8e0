#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "history/history.h"
#include "model/ids.h"
#include "pipeline/pending_deletions.h"
#include "window/windows.h"

namespace temperature::pipeline {

// Takes pending deletions and corrections into the history, flush by flush, and counts what went. The flusher's; one
// thread at a time.
class DeletionWriter {
 public:
  // All outlive it.
  DeletionWriter(window::Windows& windows, history::History& history, PendingDeletions& deletions)
      : windows_(windows), history_(history), deletions_(deletions) {}

  // Told of each window that a deletion has emptied when the newest readings that are left in it are known. Set before
  // the first flush; on the flusher's thread.
  void on_emptied(std::function<void(WindowId)> told) { emptied_ = std::move(told); }

  // A flush begins: whatever is pending has to be written, even if a flush that failed has done so: what it wrote
  // behind the tombstones is written again.
  void begin();
  // Writes the tombstones of all deletions, and the readings of all corrections, that the windows have applied and this
  // flush has not written.
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
  Result<void> write(PendingDeletion& deletion);
  Result<history::Tally*> counting_of(PendingDeletion& deletion);
  Result<history::Erased> erase(const PendingDeletion& deletion, const PendingDeletion::Target& target,
                                history::Tally& counting);
  void note(const PendingDeletion& deletion);
  void settle_newest();
  Result<void> write_correction(PendingDeletion& correction);
  Result<void> finish_counting(history::Tally& counting);
  Result<std::uint64_t> count_emptied(const PendingDeletion& deletion, const PendingDeletion::Target& target) const;

  window::Windows& windows_;
  history::History& history_;
  PendingDeletions& deletions_;
  std::function<void(WindowId)> emptied_;
  Purge purge_;
  Position committed_;
  Position written_;
  std::map<Position, history::Tally> counting_;  // kept from one try to the next, and in the history over a crash
  std::vector<std::shared_ptr<PendingDeletion>> done_;      // by this flush
  std::map<WindowId, std::map<Slot, SeriesId>> unsettled_;  // whose newest one may have gone
};

}  // namespace temperature::pipeline
