#include "pipeline/deletion_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/thread.h"

namespace temperature::pipeline {
namespace {

auto place_of(const PendingDeletion::Emptied& emptied) {
  return std::pair(emptied.place.window, emptied.place.slot);
}

}  // namespace

void DeletionWriter::begin() {
  written_ = committed_;
  done_.clear();
  newest_.clear();
}

Result<void> DeletionWriter::write() {
  for (const auto& deletion : deletions_.completed()) {
    if (deletion->position <= written_) continue;
    if (auto written = write(*deletion); !written) return written;
    written_ = deletion->position;
    done_.push_back(deletion);
    const history::Tally& counted = counting_[deletion->position];
    audit::Entry entry = deletion->entry;
    if (counted.complete) entry.count = counted.readings;
    history_.note(std::move(entry));
  }
  return {};
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
Result<void> DeletionWriter::begin_counting(PendingDeletion& deletion) {
  std::ranges::sort(deletion.emptied, {}, [](const auto& each) { return std::pair(place_of(each), each.timestamp); });
  auto tally = history_.tally(deletion.position);
  if (!tally) return std::unexpected(std::move(tally.error()));
  history::Tally& counting = counting_[deletion.position];
  counting = tally->value_or(history::Tally{.position = deletion.position});
  counting.finished = counting.finished || deletion.position <= history_.audit_head().position;
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
  if (!counting_.contains(deletion.position)) {
    if (auto begun = begin_counting(deletion); !begun) return begun;
  }
  history::Tally& counting = counting_[deletion.position];
  for (const PendingDeletion::Target& target : deletion.targets) {
    const auto erased = erase(deletion, target, counting);
    if (!erased) return std::unexpected(erased.error());
    auto& of_window = newest_[target.place.window];
    if (erased->newest_known) {
      of_window[target.place.slot] = {target.place.slot, erased->newest};
    } else {
      of_window.erase(target.place.slot);
    }
    make_way();
  }
  if (!counting.finished) {
    history::Tally finished = counting;
    finished.finished = true;
    if (auto put = history_.put_tally(finished); !put) return put;
    counting = finished;
  }
  deletion.emptied = {};
  return {};
}

void DeletionWriter::committed() {
  committed_ = written_;
  if (!done_.empty()) deletions_.remove_upto(committed_);
}

void DeletionWriter::settle() {
  std::vector<window::Window::Stored> stored;
  for (const auto& [window, slots] : newest_) {
    stored.clear();
    for (const auto& [slot, each] : slots) stored.push_back(each);
    windows_.settle_newest(window, committed_, stored);
  }
  for (const auto& deletion : std::exchange(done_, {})) {
    const history::Tally counted = counting_[deletion->position];
    counting_.erase(deletion->position);
    DeletionListener* const listener = std::exchange(deletion->listener, nullptr);
    if (listener == nullptr) continue;
    listener->deleted(DeletionOutcome{deletion->position,
                                      counted.complete ? std::optional(counted.readings) : std::nullopt,
                                      deletion->entry.journal});
  }
}

void DeletionWriter::failed() {
  for (const auto& deletion : deletions_.completed()) {
    DeletionListener* const listener = std::exchange(deletion->listener, nullptr);
    if (listener != nullptr)
      listener->deleted(DeletionOutcome{deletion->position, std::nullopt, deletion->entry.journal});
  }
}

}  // namespace temperature::pipeline
