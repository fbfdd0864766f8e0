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

// Each series is counted when its tombstones are first written, and they are written before anything that came after.
Result<void> DeletionWriter::write(PendingDeletion& deletion) {
  if (deletion.purge) {
    auto noted = history_.purges().note({deletion.position, deletion.from, deletion.to});
    if (!noted) return noted;
  }
  Counting& counting = counting_[deletion.position];
  if (counting.targets == 0) {
    std::ranges::sort(deletion.emptied, {}, [](const auto& each) { return std::pair(place_of(each), each.timestamp); });
  }
  for (std::size_t i = 0; i < deletion.targets.size(); ++i) {
    const PendingDeletion::Target& target = deletion.targets[i];
    const bool counts = i >= counting.targets;
    std::optional<std::uint64_t> emptied;
    if (counts) {
      if (auto counted = count_emptied(deletion, target)) emptied = *counted;
    }
    const auto erased = history_.erase(target.series, deletion.from, deletion.to);
    if (!erased) return std::unexpected(erased.error());
    if (counts) {
      counting.readings += erased->samples + emptied.value_or(0);
      counting.complete = counting.complete && erased->counted && emptied;
      counting.targets = i + 1;
    }
    auto& of_window = newest_[target.place.window];
    if (erased->newest_known) {
      of_window[target.place.slot] = {target.place.slot, erased->newest};
    } else {
      of_window.erase(target.place.slot);
    }
    make_way();
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
    const Counting counted = counting_[deletion->position];
    counting_.erase(deletion->position);
    DeletionListener* const listener = std::exchange(deletion->listener, nullptr);
    DeletionOutcome outcome{deletion->position, counted.complete ? std::optional(counted.readings) : std::nullopt};
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
    DeletionOutcome outcome{deletion->position, std::nullopt};
    if (deletion->purge) outcome.purge = {.done = false, .waits_for = "the history cannot be written to"};
    listener->deleted(std::move(outcome));
  }
}

}  // namespace temperature::pipeline
