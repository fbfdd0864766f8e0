#include "pipeline/applier.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/check.h"
#include "pipeline/correction.h"
#include "pipeline/deletion_path.h"
#include "pipeline/pending_write.h"
#include "pipeline/scope.h"

namespace temperature::pipeline {

namespace {

// What the audit says of it, but for the count.
audit::Entry entry_of(const JournalledDeletion& journalled, JournalId journal) {
  const Deletion& deletion = journalled.deletion();
  const Scope& scope = deletion.scope;
  return {.position = journalled.position(),
          .journal = journal,
          .kind = audit::Kind::deletion,
          .received = deletion.origin.received,
          .who = deletion.origin.sender,
          .building = scope.building,
          .room = scope.room,
          .sensor = scope.sensor,
          .quantity = scope.quantity,
          .from = deletion.from,
          .to = deletion.to,
          .reason = deletion.reason,
          .purge = deletion.purge};
}

// The same of a correction: what all of its readings have in common, and from the first to the last.
audit::Entry entry_of(const JournalledCorrection& correction, JournalId journal,
                      const catalogue::Catalogue& catalogue) {
  const Journalled& batch = correction.batch();
  const ReadingColumns& rows = batch.readings();
  const auto [first, last] = std::ranges::minmax(rows.timestamps);
  audit::Entry entry{.position = batch.position(),
                     .journal = journal,
                     .kind = audit::Kind::replacement,
                     .received = batch.origin().received,
                     .who = batch.origin().sender,
                     .from = first,
                     .to = tick_after(last),
                     .reason = correction.reason()};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (row > 0 && rows.series[row] == rows.series[row - 1]) continue;
    const catalogue::SeriesInfo series = catalogue.series(rows.series[row]);
    const catalogue::WindowInfo window = catalogue.window(series.place.window);
    const auto common = [row](std::optional<std::string>& known, std::string_view name) {
      if (row == 0) known = name;
      if (known != name) known.reset();
    };
    common(entry.building, window.building);
    common(entry.room, window.room);
    common(entry.sensor, series.sensor);
    common(entry.quantity, window.quantity);
  }
  return entry;
}

}  // namespace

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

window::Applied& Applier::begin(PendingWrite* write) {
  window::Applied& applied = write == nullptr ? recovered_ : write->applied;
  applied.clear();
  applied.wants_not_taken = static_cast<bool>(not_taken_);
  return applied;
}

void Applier::apply(const Journalled& batch, journal::Submission* submission) {
  CHECK(batch.position().value() > position_.load(std::memory_order_relaxed));
  auto* write = static_cast<PendingWrite*>(submission);  // the write path submits nothing else
  LateArchive archive(batch.readings(), write == nullptr ? nullptr : &write->late, history_, generation_, look_ups_);
  window::Applied& applied = begin(write);
  windows_.apply(batch, archive, applied);
  note(batch, archive, applied, write);
  if (wake_ && windows_.unflushed() >= flush_at_.load(std::memory_order_relaxed)) wake_();
}

// What the batch came to; then it has been applied.
void Applier::note(const Journalled& batch, const LateArchive& archive, const window::Applied& applied,
                   PendingWrite* write) {
  if (!applied.not_taken.empty() && write != nullptr) not_taken_(batch.position(), applied.not_taken);
  // In recovery all names are counted at its end.
  if (!applied.arrived.empty() && write != nullptr) [[unlikely]]
    catalogue_.arrived(applied.arrived);
  position_.store(batch.position().value(), std::memory_order_release);

  if (write == nullptr) {
    const auto recovered = figures_.recovered.load(std::memory_order_relaxed) + batch.readings().size();
    figures_.recovered.store(recovered, std::memory_order_relaxed);
    state_.recovered(recovered);
  } else {
    figures_.fresh.fetch_add(applied.fresh, std::memory_order_relaxed);
    figures_.duplicates.fetch_add(applied.duplicates, std::memory_order_relaxed);
    figures_.conflicts.fetch_add(applied.conflicts, std::memory_order_relaxed);
    figures_.replaced.fetch_add(applied.replaced, std::memory_order_relaxed);
  }
  if (applied.undecided > 0) [[unlikely]]
    note_undecided(batch, *archive.trouble(), applied, write);
}

// Readers see what it says in the history's place first, then in memory: until then memory has what was there before,
// and at no moment is there neither.
void Applier::replace(const JournalledCorrection& correction, journal::Submission* submission) {
  const Journalled& batch = correction.batch();
  CHECK(batch.position().value() > position_.load(std::memory_order_relaxed));
  auto* write = static_cast<PendingWrite*>(submission);  // as in apply()
  const ReadingColumns& rows = batch.readings();
  LateArchive archive(rows, write == nullptr ? nullptr : &write->late, history_, generation_, look_ups_);
  window::Applied& applied = begin(write);
  std::vector<window::Archive::Stored> stored;
  stored.reserve(rows.size());
  windows_.look_up(rows, archive, stored);
  CorrectionPlan plan = plan_correction(rows, stored, applied);
  // In recovery the history may have what it says already: then it is pending all the same, for the audit.
  const bool pends = !plan.replaced.empty() || write == nullptr;
  auto pending = std::make_shared<PendingDeletion>();
  pending->position = batch.position();
  pending->is_correction = true;
  pending->corrected = std::move(plan.replaced);
  pending->entry = entry_of(correction, journal_, catalogue_);
  pending->replaced = applied.replaced;
  if (write != nullptr && pends) pending->readings_reserved = write->place.hand_over();
  if (pends) deletions_.add(pending, write != nullptr);
  const std::span<const PendingDeletion::Corrected> replaced(pending->corrected);
  correct_windows(windows_, remedies_.empty_windows ? replaced : replaced.first(0), plan.added, batch.position());
  if (remedies_.raise_generation) generation_.fetch_add(1, std::memory_order_acq_rel);
  if (pends) deletions_.complete(batch.position());
  note(batch, archive, applied, write);
  if (wake_ && (pends || windows_.unflushed() >= flush_at_.load(std::memory_order_relaxed))) wake_();
}

// Readers hide the history first, then lose sight of what memory had: never the other way around. Only then may
// look-ups that were made before count no more, and a flush take the deletion for one that is applied.
void Applier::remove(const JournalledDeletion& journalled, journal::Submission* submission) {
  const Deletion& deletion = journalled.deletion();
  auto pending = std::make_shared<PendingDeletion>();
  pending->position = journalled.position();
  pending->from = deletion.from;
  pending->to = deletion.to;
  pending->entry = entry_of(journalled, journal_);
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
