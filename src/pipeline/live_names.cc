#include "pipeline/live_names.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/thread.h"

namespace temperature::pipeline {

using catalogue::Catalogue;

namespace {

// Times that a count took pass before the next one that a limit asks for: a flood of names keeps no processor busy.
constexpr int kBetweenByItself = 20;

}  // namespace

void LiveNames::count() {
  const std::lock_guard lock(mutex_);
  count_all();
}

void LiveNames::count(WindowId id) {
  const std::lock_guard lock(mutex_);
  look(id, Catalogue::Arrivals::wait);
}

bool LiveNames::count_for_room() {
  const Steady::time_point asked = Steady::now();
  const std::lock_guard lock(mutex_);
  if (begun_ >= asked) return true;
  if (asked < not_before_) return false;
  count_all();
  const Steady::time_point done = Steady::now();
  not_before_ = done + std::max<Steady::duration>(limits::kBetweenNameCounts, kBetweenByItself * (done - begun_));
  return true;
}

void LiveNames::count_all() {
  begun_ = Steady::now();
  auto arrivals = Catalogue::Arrivals::wait;
  if (!std::exchange(began_, true)) {
    arrivals = Catalogue::Arrivals::over;
    arrivals_looked_at_ = begun_;
  } else if (begun_ - arrivals_looked_at_ >= limits::kArrivalMax) {
    arrivals = Catalogue::Arrivals::older;
    arrivals_looked_at_ = begun_;
  }
  for (std::uint32_t i = 0; i < catalogue_.window_count(); ++i) {
    look(WindowId(i), arrivals);
    make_way();
  }
}

bool LiveNames::has_kept(const window::Windows::NewestTime& newest, Timestamp keep_from) const {
  if (!newest.known) return true;  // until it is
  return newest.timestamp != kTimestampMin && newest.timestamp >= keep_from;
}

// A reading may come between the look and the note. The applier says so only if it had not said it before, so whoever
// left is looked at once more: either its reading is there, or the applier, which comes later, finds that it has left.
void LiveNames::look(WindowId id, Catalogue::Arrivals arrivals) {
  const Timestamp now = clock_.now();
  windows_.arrives_behind(retention_.keep_all_from(now));
  const Timestamp keep_from = retention_.keep_from(catalogue_.window(id).quantity, now);
  windows_.newest(id, newest_);
  has_readings_.clear();
  for (const auto& newest : newest_) has_readings_.push_back(has_kept(newest, keep_from));
  left_.clear();
  catalogue_.note(id, has_readings_, arrivals, left_);
  if (left_.empty()) return;
  windows_.newest(id, newest_);
  back_.clear();
  for (const SeriesId series : left_) {
    const std::size_t slot = catalogue_.place(series).slot.value();
    if (slot < newest_.size() && has_kept(newest_[slot], keep_from)) back_.push_back(series);
  }
  catalogue_.arrived(back_);
}

}  // namespace temperature::pipeline
