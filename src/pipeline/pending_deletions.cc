#include "pipeline/pending_deletions.h"

#include <algorithm>

namespace temperature::pipeline {

bool PendingDeletion::covers(SeriesId series) const {
  return std::ranges::binary_search(targets, series, {}, &Target::series);
}

std::shared_ptr<const PendingDeletions::List> PendingDeletions::list() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

bool PendingDeletions::take_place() {
  if (places_.fetch_add(1, std::memory_order_relaxed) < limits::kPendingDeletionsMax) return true;
  give_back();
  return false;
}

void PendingDeletions::add(const std::shared_ptr<PendingDeletion>& deletion, bool took_place) {
  if (!took_place) places_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  deletions_.push_back(deletion);
  list_ = std::make_shared<const List>(deletions_.begin(), deletions_.end());
  count_.store(deletions_.size(), std::memory_order_release);
}

void PendingDeletions::complete(Position position) {
  const std::lock_guard lock(mutex_);
  completed_ = position;
}

std::vector<std::shared_ptr<PendingDeletion>> PendingDeletions::completed() const {
  if (!any()) return {};
  const std::lock_guard lock(mutex_);
  auto all = deletions_;
  std::erase_if(all, [this](const auto& deletion) { return deletion->position > completed_; });
  return all;
}

void PendingDeletions::remove_upto(Position position) {
  const std::lock_guard lock(mutex_);
  const std::size_t gone =
      std::erase_if(deletions_, [position](const auto& deletion) { return deletion->position <= position; });
  places_.fetch_sub(gone, std::memory_order_relaxed);
  list_ = std::make_shared<const List>(deletions_.begin(), deletions_.end());
  count_.store(deletions_.size(), std::memory_order_release);
}

}  // namespace temperature::pipeline
