#include "pipeline/pending_deletions.h"

#include <algorithm>
#include <iterator>

namespace temperature::pipeline {

bool PendingDeletion::covers(SeriesId series) const {
  return std::ranges::binary_search(targets, series, {}, &Target::series);
}

std::span<const PendingDeletion::Corrected> PendingDeletion::corrected_of(SeriesId series) const {
  return std::ranges::equal_range(corrected, series, {}, &Corrected::series);
}

PendingPlace& PendingPlace::operator=(PendingPlace&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pending_ = std::exchange(other.pending_, nullptr);
  readings_ = other.readings_;
  return *this;
}

void PendingPlace::give_back() {
  if (pending_ == nullptr) return;
  pending_->readings_reserved_.fetch_sub(readings_, std::memory_order_relaxed);
  std::exchange(pending_, nullptr)->give_back();
}

std::optional<PendingPlace> PendingDeletions::reserve(std::size_t readings) {
  const std::size_t others = readings_reserved_.fetch_add(readings, std::memory_order_relaxed);
  const bool fits = others == 0 || others + readings <= limits::kPendingCorrectedMax;
  if (fits && take_place()) return PendingPlace(*this, readings);
  readings_reserved_.fetch_sub(readings, std::memory_order_relaxed);
  return std::nullopt;
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
  if (deletion->shows()) list_anew();
}

void PendingDeletions::list_anew() {
  auto list = std::make_shared<List>();
  std::ranges::copy_if(deletions_, std::back_inserter(*list), [](const auto& each) { return each->shows(); });
  count_.store(list->size(), std::memory_order_release);
  list_ = std::move(list);
}

void PendingDeletions::complete(Position position) {
  const std::lock_guard lock(mutex_);
  completed_ = position;
}

std::vector<std::shared_ptr<PendingDeletion>> PendingDeletions::completed() const {
  const std::lock_guard lock(mutex_);
  auto all = deletions_;
  std::erase_if(all, [this](const auto& deletion) { return deletion->position > completed_; });
  return all;
}

void PendingDeletions::remove_upto(Position position) {
  const std::lock_guard lock(mutex_);
  std::size_t readings = 0;
  const std::size_t gone = std::erase_if(deletions_, [&](const auto& deletion) {
    if (deletion->position > position) return false;
    readings += deletion->readings_reserved;
    return true;
  });
  readings_reserved_.fetch_sub(readings, std::memory_order_relaxed);
  places_.fetch_sub(gone, std::memory_order_relaxed);
  list_anew();
}

}  // namespace temperature::pipeline
