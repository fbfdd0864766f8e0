#pragma once

#include <memory>

#include "history/history.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/remedies.h"

namespace temperature::pipeline {

// The history without what pending deletions cover, and with what pending corrections say: as it will be when it knows
// them. Whoever reads looks into the
// windows first, then takes a view: what a deletion has taken from there is hidden here, and what came after it and has
// left the windows is only so in a view that was taken afterwards. Both outlive it. Thread-safe; costs one load more
// while no deletion is pending.
class CurrentHistory final : public history::HistorySource {
 public:
  CurrentHistory(const history::HistorySource& history, const PendingDeletions& deletions, Remedies remedies = {})
      : history_(history), deletions_(deletions), shows_corrections_(remedies.show_corrections) {}

  [[nodiscard]] std::unique_ptr<history::HistoryView> view() const override;

 private:
  const history::HistorySource& history_;
  const PendingDeletions& deletions_;
  const bool shows_corrections_;
};

}  // namespace temperature::pipeline
