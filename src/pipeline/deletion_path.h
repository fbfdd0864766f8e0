#pragma once

#include <cstdint>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "journal/journal.h"
#include "model/deletion.h"
#include "model/retention.h"
#include "pipeline/judgements.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/service_state.h"
#include "window/windows.h"

namespace temperature::pipeline {

// A deletion between its request and the journal's answer; it ends itself.
class PendingRemoval final : public journal::Submission {
 public:
  PendingRemoval(Deletion deletion, DeletionListener& listener, PendingDeletions& deletions)
      : Submission(std::move(deletion)), listener_(&listener), deletions_(deletions) {}

  // The applier's, who sees to it that it is told.
  [[nodiscard]] DeletionListener* take_listener() { return std::exchange(listener_, nullptr); }

  void finished(Result<Position> outcome) override;

 private:
  DeletionListener* listener_;
  PendingDeletions& deletions_;
};

// The way of a deletion: journal -> apply -> tombstones in the history, which are counted; then whoever asked is told.
// Thread-safe.
class DeletionPath {
 public:
  DeletionPath(const catalogue::Catalogue& catalogue, const window::Windows& windows,
               const history::HistorySource& history, journal::Journal& journal, PendingDeletions& deletions,
               const history::Purges& purges, const ServiceState& state, const Clock& clock, AdmitJudgements& admit);

  // Deletes for good what the scope has from `from` to before `to`. `listener` is told once, when it is in no answer
  // any more, a restart will not bring it back, and the history knows it: before this returns, or on another thread.
  // Errors: recovering, shutting_down, overloaded (too many are pending), journal_failed, disk_full, data_folder_lost,
  // parameter_invalid (nothing between from and to), startup (the folder's format cannot rise).
  void remove(Deletion deletion, DeletionListener& listener);

  // How many readings remove() would delete now. Takes a while: not for the journal's thread. Errors: recovering,
  // history_failed.
  [[nodiscard]] Result<std::uint64_t> count(const Deletion& deletion) const;

 private:
  [[nodiscard]] Result<void> may_delete() const;

  const catalogue::Catalogue& catalogue_;
  const window::Windows& windows_;
  const history::HistorySource& history_;
  journal::Journal& journal_;
  PendingDeletions& deletions_;
  const history::Purges& purges_;
  const ServiceState& state_;
  const Clock& clock_;
  AdmitJudgements& admit_;
};

}  // namespace temperature::pipeline
