#include "pipeline/deletion_writer.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/thread.h"
#include "base/timestamp_limits.h"

namespace temperature::pipeline {
namespace {

auto place_of(const PendingDeletion::Emptied& emptied) {
  return std::pair(emptied.place.window, emptied.place.slot);
}

}  // namespace

void DeletionWriter::begin() {
  written_ = committed_;
  done_.clear();
}

Result<void> DeletionWriter::write() {
  for (const auto& deletion : deletions_.completed()) {
    if (deletion->position <= written_) continue;
    if (auto written = deletion->is_correction ? write_correction(*deletion) : write(*deletion); !written) {
      return written;
    }
    written_ = deletion->position;
    done_.push_back(deletion);
    note(*deletion);
  }
  return {};
}

// A correction that took no other value's place is none.
void DeletionWriter::note(const PendingDeletion& deletion) {
  const history::Tally& counted = counting_[deletion.position];
  if (deletion.is_correction && counted.readings == 0) return;
  audit::Entry entry = deletion.entry;
  if (counted.complete) entry.count = counted.readings;
  history_.note(std::move(entry));
}

// What left memory and is in the history too, of a flush that failed, counts there.
Result<std::uint64_t> DeletionWriter::count_emptied(const PendingDeletion& deletion,
                                                    const PendingDeletion::Target& target) const {
  std::uint64_t count = 0;
  const auto mine =
      std::ranges::equal_range(deletion.emptied, std::pair(target.place.window, target.place.slot), {}, place_of);
  if (mine.empty()) return count;
  const auto view = history_.view();
  for (const auto& emptied : mine) {
    const auto found = view->find(target.series, emptied.timestamp);
    if (!found) return std::unexpected(found.error());
    count += found->value ? 0 : 1;
  }
  return count;
}

// What was counted before a crash is in the history. What the audit has is not counted again: what is deleted then came
// later, and is delivered again.
Result<history::Tally*> DeletionWriter::counting_of(PendingDeletion& deletion) {
  if (const auto begun = counting_.find(deletion.position); begun != counting_.end()) return &begun->second;
  std::ranges::sort(deletion.emptied, {}, [](const auto& each) { return std::pair(place_of(each), each.timestamp); });
  auto tally = history_.tally(deletion.position);
  if (!tally) return std::unexpected(std::move(tally.error()));
  history::Tally& counting = counting_[deletion.position];
  counting = tally->value_or(history::Tally{.position = deletion.position});
  counting.finished = counting.finished || deletion.position <= history_.audit_head().position;
  return &counting;
}

// Tombstones and readings in one, so that it does not matter what of the same places a flush takes from a window
// meanwhile: that is taken by the tombstone, or stands behind what the correction says and counts no more.
Result<void> DeletionWriter::write_correction(PendingDeletion& correction) {
  const auto begun = counting_of(correction);
  if (!begun) return std::unexpected(begun.error());
  history::Tally& counting = **begun;
  // Before anything of it is written: what is delivered again after that is found in the places already.
  if (!counting.finished) counting.readings = correction.replaced;
  if (counting.readings == 0) return {};  // all of it stands there, and the audit has it or will not
  if (auto finished = finish_counting(counting); !finished) return finished;
  std::vector<Sample> samples;
  for (auto at = correction.corrected.begin(); at != correction.corrected.end();) {
    const SeriesId series = at->series;
    samples.clear();
    for (; at != correction.corrected.end() && at->series == series; ++at) samples.push_back(at->sample);
    if (auto replaced = history_.replace(series, samples); !replaced) return replaced;
    make_way();
  }
  return {};
}

// Each series is counted when its tombstones are first written, and they are written before anything that came after.
Result<history::Erased> DeletionWriter::erase(const PendingDeletion& deletion, const PendingDeletion::Target& target,
                                              history::Tally& counting) {
  if (counting.finished || (counting.upto && target.series <= *counting.upto)) {
    return history_.erase(target.series, deletion.from, deletion.to);
  }
  history::Tally counted = counting;
  if (const auto emptied = count_emptied(deletion, target)) {
    counted.readings += *emptied;
  } else {
    counted.complete = false;
  }
  auto erased = history_.erase(target.series, deletion.from, deletion.to, &counted);
  if (!erased) return erased;
  counting = counted;
  counting.upto = target.series;
  return erased;
}

Result<void> DeletionWriter::write(PendingDeletion& deletion) {
  if (deletion.purge) {
    auto noted = history_.purges().note({deletion.position, deletion.from, deletion.to});
    if (!noted) return noted;
  }
  const auto begun = counting_of(deletion);
  if (!begun) return std::unexpected(begun.error());
  history::Tally& counting = **begun;
  for (const PendingDeletion::Target& target : deletion.targets) {
    const auto erased = erase(deletion, target, counting);
    if (!erased) return std::unexpected(erased.error());
    unsettled_[target.place.window][target.place.slot] = target.series;
    make_way();
  }
  deletion.emptied = {};
  return finish_counting(counting);
}

Result<void> DeletionWriter::finish_counting(history::Tally& counting) {
  if (counting.finished) return {};
  history::Tally finished = counting;
  finished.finished = true;
  auto put = history_.put_tally(finished);
  if (put) counting = finished;
  return put;
}

void DeletionWriter::committed() {
  committed_ = written_;
  if (!done_.empty()) deletions_.remove_upto(committed_);
}

// Where something was deleted or corrected again meanwhile, that is settled with it.
void DeletionWriter::settle_newest() {
  if (unsettled_.empty()) return;
  const auto view = history_.view();
  std::vector<window::Window::Stored> stored;
  for (auto each = unsettled_.begin(); each != unsettled_.end();) {
    const auto& [window, slots] = *each;
    stored.clear();
    for (const auto& [slot, series] : slots) {
      const auto newest = view->last_at(series, limits::kTimestampLast);
      if (newest) stored.push_back({slot, *newest});  // else damage hides it: readers go on asking
      make_way();
    }
    const bool settled = windows_.settle_newest(window, committed_, stored);
    if (settled && emptied_) emptied_(window);
    each = settled ? unsettled_.erase(each) : std::next(each);
  }
}

void DeletionWriter::settle() {
  settle_newest();
  for (const auto& deletion : std::exchange(done_, {})) {
    const history::Tally counted = counting_[deletion->position];
    counting_.erase(deletion->position);
    DeletionListener* const listener = std::exchange(deletion->listener, nullptr);
    DeletionOutcome outcome{deletion->position, counted.complete ? std::optional(counted.readings) : std::nullopt,
                            deletion->entry.journal};
    if (deletion->purge && purge_) {
      purge_(std::move(outcome), listener);
    } else if (listener != nullptr) {
      listener->deleted(std::move(outcome));
    }
  }
}

void DeletionWriter::failed() {
  for (const auto& deletion : deletions_.completed()) {
    DeletionListener* const listener = std::exchange(deletion->listener, nullptr);
    if (listener == nullptr) continue;
    DeletionOutcome outcome{deletion->position, std::nullopt, deletion->entry.journal};
    if (deletion->purge) outcome.purge = {.done = false, .waits_for = "the history cannot be written to"};
    listener->deleted(std::move(outcome));
  }
}

}  // namespace temperature::pipeline
