#include "mirror/journal_trail.h"

#include <algorithm>

namespace temperature::mirror {

JournalTrail::JournalTrail(Position last, std::uint64_t bytes_before, Time now)
    : points_{{last, bytes_before, 0, now}}, newest_(points_.front()) {}

void JournalTrail::note(Position last, std::uint64_t bytes, std::uint64_t readings, Time now) {
  const bool grew = newest_.last != last;
  // Where nothing came, the record behind it, when it comes, is younger than this.
  newest_ = {last, points_.front().bytes + bytes, readings, now};
  if (!grew && points_.size() > 1 && points_.back().last == last) points_.back().time = now;
  if (!grew || ++unkept_ < stride_) return;
  unkept_ = 0;
  points_.push_back(newest_);
  if (points_.size() > limits::kTrailPointsMax) thin_out();
}

// Every other point goes, and of those to come only every other one is kept: they stay equally dense.
void JournalTrail::thin_out() {
  std::vector<Point> kept;
  for (std::size_t i = 0; i < points_.size(); i += 2) kept.push_back(points_[i]);
  points_ = std::move(kept);
  stride_ *= 2;
}

const JournalTrail::Point* JournalTrail::point_at(Position position) const {
  if (position >= newest_.last) return &newest_;
  const auto behind = std::ranges::upper_bound(points_, position, {}, &Point::last);
  return behind == points_.begin() ? nullptr : &*std::prev(behind);
}

std::uint64_t JournalTrail::bytes_behind(Position position) const {
  const Point* point = point_at(position);
  return newest_.bytes - (point == nullptr ? 0 : point->bytes);
}

std::uint64_t JournalTrail::readings_behind(Position position) const {
  const Point* point = point_at(position);
  return newest_.readings - (point == nullptr ? 0 : point->readings);
}

std::chrono::milliseconds JournalTrail::age_behind(Position position, Time now) const {
  if (position >= newest_.last) return std::chrono::milliseconds(0);
  const Point* point = point_at(position);
  const Time since = point == nullptr ? points_.front().time : point->time;
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
}

Position JournalTrail::at(Time then) const {
  if (then >= newest_.time) return newest_.last;
  const auto behind = std::ranges::upper_bound(points_, then, {}, &Point::time);
  return behind == points_.begin() ? Position() : std::prev(behind)->last;
}

Position JournalTrail::with_bytes_behind(std::uint64_t bytes_max) const {
  const auto point =
      std::ranges::find_if(points_, [&](const Point& each) { return newest_.bytes - each.bytes <= bytes_max; });
  return point == points_.end() ? newest_.last : point->last;
}

}  // namespace temperature::mirror
