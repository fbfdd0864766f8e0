#include "pipeline/applier.h"

#include <fmt/format.h>

#include "base/check.h"
#include "pipeline/pending_write.h"

namespace temperature::pipeline {

Applier::Applier(catalogue::Catalogue& catalogue, window::Windows& windows, const history::History& history,
                 const HistoryGeneration& generation, LookUps& look_ups, ServiceState& state)
    : catalogue_(catalogue),
      windows_(windows),
      history_(history),
      generation_(generation),
      look_ups_(look_ups),
      state_(state) {}

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
