#include "pipeline/pending_write.h"

#include <algorithm>
#include <utility>

namespace temperature::pipeline {

std::vector<RejectedCount> rejected_unlisted(const accept::Admission& admission) {
  ingest::CountByCode listed{};
  for (const ingest::Rejected& rejected : admission.rejected) ++listed[std::to_underlying(rejected.error.code)];
  std::vector<RejectedCount> unlisted;
  for (std::size_t code = 0; code < listed.size(); ++code) {
    const std::uint32_t more = admission.rejected_by_code[code] - listed[code];
    if (more > 0) unlisted.push_back({static_cast<ErrorCode>(code), more});
  }
  return unlisted;
}

void name_conflicts(const catalogue::Catalogue& catalogue, WriteOutcome& outcome) {
  const auto key_of = [&catalogue](SeriesId id) -> SeriesKey {
    const catalogue::SeriesInfo series = catalogue.series(id);
    const catalogue::WindowInfo window = catalogue.window(series.place.window);
    return {window.building, window.room, series.sensor, window.quantity};
  };
  for (Conflict& conflict : outcome.conflict_details) conflict.series = key_of(conflict.id);
  std::vector<SeriesId> series = std::exchange(outcome.contradicted, {});
  std::ranges::sort(series);
  for (auto each = series.begin(); each != series.end();) {
    const auto next = std::upper_bound(each, series.end(), *each);
    outcome.conflicts_unlisted.push_back({key_of(*each), static_cast<std::uint64_t>(next - each)});
    each = next;
  }
}

void PendingWrite::begin(accept::Admission admission, LateReadings late_readings, WriteListener& listener,
                         std::optional<Correction> correction) {
  if (correction) {
    set_batch(std::move(*admission.batch), std::move(correction->reason));
    place = std::move(correction->place);
  } else {
    set_batch(std::move(*admission.batch));
  }
  indices_ = std::move(admission.indices);
  late = std::move(late_readings);
  listener_ = &listener;
  trouble.reset();
  outcome_ = WriteOutcome();
  outcome_.rejected = admission.rejected_count;
  outcome_.rejected_for_now = admission.rejected_by_code[std::to_underlying(ErrorCode::series_limit)];
  if (admission.rejected_count > admission.rejected.size()) outcome_.rejected_unlisted = rejected_unlisted(admission);
  outcome_.rejected_details = std::move(admission.rejected);
}

// What the batch alone knows of them; it is another one's after this.
void PendingWrite::list_conflicts() {
  const ReadingColumns& rows = batch().readings();
  for (const auto& [row, stored] : applied.contradictions) {
    outcome_.conflict_details.push_back(
        {indices_[row], stored, rows.values[row], rows.series[row], rows.timestamps[row]});
  }
  outcome_.contradicted = std::exchange(applied.contradicted, {});
}

void PendingWrite::finished(Result<Position> position) {
  place = {};  // if nothing was replaced
  if (position && trouble) position = std::unexpected(std::move(*trouble));
  if (position) {
    if (applied.conflicts > 0) list_conflicts();
    outcome_.position = *position;
    outcome_.accepted = applied.fresh;
    outcome_.duplicates = applied.duplicates;
    outcome_.conflicts = applied.conflicts;
    outcome_.replaced = applied.replaced;
  }
  WriteListener& listener = *listener_;
  Result<WriteOutcome> result =
      position ? Result<WriteOutcome>(std::move(outcome_)) : std::unexpected(std::move(position.error()));
  if (result && !home_.keeps(*this)) {
    result->memory.reset(this);
  } else {
    home_.give_back(*this);
  }
  listener.written(std::move(result));
}

PendingWrites::~PendingWrites() {
  for (PendingWrite* list : {free_, returned_.load(std::memory_order_acquire)}) {
    while (list != nullptr) delete std::exchange(list, list->next_);
  }
}

PendingWrites::Taken PendingWrites::take() {
  {
    const std::lock_guard lock(mutex_);
    // All at once: a write that is free is in one list only, so no other can be mistaken for it.
    if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
    if (free_ != nullptr) {
      kept_.fetch_sub(1, std::memory_order_relaxed);
      return Taken(std::exchange(free_, free_->next_));
    }
  }
  return Taken(new PendingWrite(*this));
}

bool PendingWrites::keeps(const PendingWrite& write) const {
  return write.bytes_kept() + write.indices_.capacity() * sizeof(std::uint32_t) <= limits::kPendingWriteBytesKept &&
         kept_.load(std::memory_order_relaxed) < limits::kPendingWritesKept;
}

void PendingWrites::give_back(PendingWrite& write) {
  if (!keeps(write)) {
    delete &write;
    return;
  }
  kept_.fetch_add(1, std::memory_order_relaxed);
  write.next_ = returned_.load(std::memory_order_relaxed);
  while (!returned_.compare_exchange_weak(write.next_, &write, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

}  // namespace temperature::pipeline
