#include "pipeline/applier.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/check.h"
#include "pipeline/deletion_path.h"
#include "pipeline/pending_write.h"
#include "pipeline/scope.h"

namespace temperature::pipeline {

Applier::Applier(catalogue::Catalogue& catalogue, window::Windows& windows, const history::HistorySource& history,
                 HistoryGeneration& generation, LookUps& look_ups, PendingDeletions& deletions, ServiceState& state,
                 Remedies remedies)
    : catalogue_(catalogue),
      windows_(windows),
      history_(history),
      generation_(generation),
      look_ups_(look_ups),
      deletions_(deletions),
      state_(state),
      remedies_(remedies) {}

Result<void> Applier::defined(Position position, std::span<const catalogue::Definition> definitions) {
  for (const catalogue::Definition& definition : definitions) {
    if (auto restored = catalogue_.restore(definition); !restored) return restored;
  }
  position_.store(position.value(), std::memory_order_release);
  return {};
}

void Applier::apply(const Journalled& batch, journal::Submission* submission) {
  CHECK(batch.position().value() > position_.load(std::memory_order_relaxed));
  auto* write = static_cast<PendingWrite*>(submission);  // the write path submits nothing else
  LateArchive archive(batch.readings(), write == nullptr ? nullptr : &write->late, history_, generation_, look_ups_);
  window::Applied& applied = write == nullptr ? recovered_ : write->applied;
  applied.clear();
  applied.wants_not_taken = static_cast<bool>(not_taken_);
  windows_.apply(batch, archive, applied);
  if (!applied.not_taken.empty() && write != nullptr) not_taken_(batch.position(), applied.not_taken);
  position_.store(batch.position().value(), std::memory_order_release);

  if (write == nullptr) {
    const auto recovered = figures_.recovered.load(std::memory_order_relaxed) + batch.readings().size();
    figures_.recovered.store(recovered, std::memory_order_relaxed);
    state_.recovered(recovered);
  } else {
    figures_.fresh.fetch_add(applied.fresh, std::memory_order_relaxed);
    figures_.duplicates.fetch_add(applied.duplicates, std::memory_order_relaxed);
    figures_.conflicts.fetch_add(applied.conflicts, std::memory_order_relaxed);
  }
  if (applied.undecided > 0) [[unlikely]]
    note_undecided(batch, *archive.trouble(), applied, write);
  if (wake_ && windows_.unflushed() >= flush_at_.load(std::memory_order_relaxed)) wake_();
}

// Readers hide the history first, then lose sight of what memory had: never the other way around. Only then may
// look-ups that were made before count no more, and a flush take the deletion for one that is applied.
void Applier::remove(const JournalledDeletion& journalled, journal::Submission* submission) {
  const Deletion& deletion = journalled.deletion();
  auto pending = std::make_shared<PendingDeletion>();
  pending->position = journalled.position();
  pending->from = deletion.from;
  pending->to = deletion.to;
  pending->purge = deletion.purge;
  const std::vector<ScopedWindow> windows = find_scope(catalogue_, deletion.scope);
  for (const ScopedWindow& window : windows) {
    for (const auto& series : window.series) pending->targets.push_back({series.id, series.place});
  }
  std::ranges::sort(pending->targets, {}, &PendingDeletion::Target::series);
  if (submission != nullptr) pending->listener = static_cast<PendingRemoval*>(submission)->take_listener();
  deletions_.add(pending, submission != nullptr);
  std::vector<window::SlotTime> emptied;
  for (const ScopedWindow& window : windows) {
    if (!remedies_.empty_windows) break;
    emptied.clear();
    windows_.erase(window.id, deletion.from, deletion.to, window.slot, journalled.position(), emptied);
    for (const auto& [slot, timestamp] : emptied) pending->emptied.push_back({{window.id, slot}, timestamp});
  }
  if (remedies_.raise_generation) generation_.fetch_add(1, std::memory_order_acq_rel);
  deletions_.complete(journalled.position());
  position_.store(journalled.position().value(), std::memory_order_release);
  if (deleted_) deleted_(journalled);
  if (wake_) wake_();
}

// Nobody is told that they are stored: the sender repeats the batch, of which nothing counts twice. A start that cannot
// decide fails.
void Applier::note_undecided(const Journalled& batch, const Error& why, const window::Applied& applied,
                             PendingWrite* write) {
  look_ups_.leave_undecided(batch.position());
  if (write == nullptr) {
    if (!recovery_trouble_) recovery_trouble_ = why;
    return;
  }
  look_ups_.failed(why);
  write->trouble = Error{
      ErrorCode::history_failed,
      fmt::format("{} of the {} readings were not stored, because the history could not be asked whether it has them; "
                  "send all of them again: none counts twice ({})",
                  applied.undecided, batch.readings().size(), why.detail)};
  if (wake_) wake_();
}

}  // namespace temperature::pipeline
