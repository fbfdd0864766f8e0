#include "mirror/not_taken_rows.h"

#include <algorithm>

namespace temperature::mirror {

void NotTakenRows::add(Position record, std::span<const std::uint32_t> rows) {
  const std::lock_guard lock(mutex_);
  if (rows_ + rows.size() > limits::kNotTakenRowsMax) {
    records_.clear();
    rows_ = 0;
    unknown_upto_ = record;
    return;
  }
  records_.push_back({record, {rows.begin(), rows.end()}});
  rows_ += rows.size();
}

std::vector<std::uint32_t> NotTakenRows::of(Position record) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::lower_bound(records_, record, {}, &Record::position);
  if (found == records_.end() || found->position != record) return {};
  return found->rows;
}

Position NotTakenRows::unknown_upto() const {
  const std::lock_guard lock(mutex_);
  return unknown_upto_;
}

void NotTakenRows::forget(Position upto) {
  const std::lock_guard lock(mutex_);
  while (!records_.empty() && records_.front().position <= upto) {
    rows_ -= records_.front().rows.size();
    records_.pop_front();
  }
}

}  // namespace temperature::mirror
