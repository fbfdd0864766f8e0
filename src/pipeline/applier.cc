#include "pipeline/applier.h"

#include "base/check.h"
#include "pipeline/pending_write.h"

namespace temperature::pipeline {

Applier::Applier(catalogue::Catalogue& catalogue, window::Windows& windows, const history::History& history,
                 const HistoryGeneration& generation, ServiceState& state)
    : catalogue_(catalogue), windows_(windows), history_(history), generation_(generation), state_(state) {}

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
  LateArchive archive(batch.readings(), write == nullptr ? nullptr : &write->late, history_, generation_);
  window::Applied& applied = write == nullptr ? recovered_ : write->applied;
  applied.clear();
  windows_.apply(batch, archive, applied);
  position_.store(batch.position().value(), std::memory_order_release);

  if (write == nullptr) {
    const auto recovered = figures_.recovered.load(std::memory_order_relaxed) + batch.readings().size();
    figures_.recovered.store(recovered, std::memory_order_relaxed);
    state_.recovered(recovered);
  } else {
    figures_.fresh.fetch_add(applied.fresh, std::memory_order_relaxed);
    figures_.duplicates.fetch_add(applied.duplicates, std::memory_order_relaxed);
    figures_.conflicts.fetch_add(applied.conflicts, std::memory_order_relaxed);
    if (applied.conflicts > 0) write->name_conflicts(catalogue_);
  }
  if (archive.trouble()) {
    const std::lock_guard lock(trouble_mutex_);
    if (!trouble_) trouble_ = archive.trouble();
  }
  if (wake_ && windows_.unflushed() >= flush_at_.load(std::memory_order_relaxed)) wake_();
}

std::optional<Error> Applier::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

}  // namespace temperature::pipeline
