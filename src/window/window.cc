#include "window/window.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "window/leaf.h"

namespace temperature::window {
namespace {

constexpr Duration kReach{std::numeric_limits<std::uint32_t>::max()};

// A base from which a leaf reaches both ways around `timestamp`, not below `from`.
Timestamp base_around(Timestamp from, Timestamp timestamp) {
  return std::max(from, timestamp - kReach / 2);
}

}  // namespace

Sample Window::newest(Slot slot) const {
  return slot.value() < newest_.size() ? newest_[slot.value()] : Sample{kTimestampMin, 0};
}

std::optional<SlotSample> Window::newest() const {
  if (latest_ == kTimestampMin) return std::nullopt;
  return SlotSample{latest_slot_, newest_[latest_slot_.value()]};
}

void Window::restore_newest(Slot slot, Sample newest) {
  if (slot.value() >= newest_.size()) {
    newest_.resize(slot.value() + std::size_t{1}, Sample{kTimestampMin, 0});
    earliest_newest_ = kTimestampMin;
  }
  if (newest.timestamp <= newest_[slot.value()].timestamp) return;
  newest_[slot.value()] = newest;
  if (unsure_count_ > 0) [[unlikely]]
    set_unsure(slot, false);
  if (newest.timestamp > latest_ || (newest.timestamp == latest_ && slot < latest_slot_)) {
    latest_ = newest.timestamp;
    latest_slot_ = slot;
  }
}

std::size_t Window::leaf_index(Timestamp timestamp) const {
  if (leaves_.empty() || timestamp >= leaves_.back().from()) return leaves_.empty() ? 0 : leaves_.size() - 1;
  const auto after = std::upper_bound(leaves_.begin(), leaves_.end(), timestamp,
                                      [](Timestamp moment, const Leaf& leaf) { return moment < leaf.from(); });
  return after == leaves_.begin() ? 0 : static_cast<std::size_t>(after - leaves_.begin()) - 1;
}

std::size_t Window::leaf_readings() const {
  return std::clamp(static_cast<std::size_t>(std::sqrt(static_cast<double>(count_))), limits::kLeafReadingsMin,
                    limits::kLeafReadingsMax);
}

std::optional<double> Window::find(Slot slot, Timestamp timestamp) const {
  if (leaves_.empty()) return std::nullopt;
  return leaves_[leaf_index(timestamp)].find(slot, timestamp);
}

Leaf& Window::insert_leaf(std::size_t index, Timestamp from, Timestamp base) {
  forget_middle(index);
  return *leaves_.emplace(leaves_.begin() + static_cast<std::ptrdiff_t>(index), from, base);
}

// The leaf that a new reading goes to: the one whose stretch it is in, unless that one is full or
// does not reach so far.
Leaf& Window::leaf_for(Timestamp timestamp) {
  if (leaves_.empty()) return insert_leaf(0, kTimestampMin, timestamp - kReach / 2);
  const std::size_t i = leaf_index(timestamp);
  Leaf& leaf = leaves_[i];
  if (timestamp < leaf.base()) {
    const Timestamp from = std::min(leaf.from(), timestamp);
    leaf.set_from(leaf.base());
    return insert_leaf(i, from, base_around(from, timestamp));
  }
  if (!leaf.reaches(timestamp)) {
    const Timestamp from = leaf.base() + kReach + Duration(1);
    return insert_leaf(i + 1, from, base_around(from, timestamp));
  }
  const std::size_t full = leaf_readings();
  if (leaf.count() < full) [[likely]]
    return leaf;
  if (timestamp > leaf.last()) {  // in order: the leaf is complete, later readings begin another
    entry_bytes_ -= leaf.entry_bytes();
    leaf.shrink();
    entry_bytes_ += leaf.entry_bytes();
    return insert_leaf(i + 1, timestamp, timestamp);
  }
  if (leaf.count() < 2 * full || leaf.first() == leaf.last()) return leaf;
  forget_middle(i);
  entry_bytes_ -= leaf.entry_bytes();
  Leaf later = leaf.split();
  entry_bytes_ += leaf.entry_bytes() + later.entry_bytes();
  leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(i + 1), std::move(later));
  return leaves_[timestamp >= leaves_[i + 1].from() ? i + 1 : i];
}

void Window::add(Slot slot, Sample sample, bool flushed) {
  Leaf& leaf = leaf_for(sample.timestamp);
  const std::size_t bytes_before = leaf.entry_bytes();
  leaf.add(slot, sample);
  entry_bytes_ += leaf.entry_bytes() - bytes_before;
  const auto index = static_cast<std::size_t>(&leaf - leaves_.data());
  if (middle_ && index >= middle_->begin && index < middle_->end) middle_->tally.add(sample);
  ++count_;
  if (!flushed) ++unflushed_;
  restore_newest(slot, sample);
}

void Window::summarize(Timestamp after, Timestamp upto, std::optional<Slot> slot, summary::Tally& summary) const {
  if (slot) {
    std::vector<SlotSample> samples;
    collect(after + kTick, tick_after(upto), slot, samples);
    for (const SlotSample& each : samples) summary.add(each.sample);
    return;
  }
  if (leaves_.empty() || upto <= after) return;
  const std::size_t first = leaf_index(after);
  const std::size_t last = leaf_index(upto);
  leaves_[first].summarize(after, upto, summary);
  if (last > first + 1) summary.add(middle(first + 1, last));
  if (last > first) leaves_[last].summarize(after, upto, summary);
}

const summary::Tally& Window::middle(std::size_t begin, std::size_t end) const {
  if (!middle_) middle_ = std::make_unique<Middle>();
  if (middle_->begin != begin || middle_->end > end) *middle_ = {begin, begin, {}};
  for (; middle_->end < end; ++middle_->end) leaves_[middle_->end].add_to(middle_->tally);
  return middle_->tally;
}

void Window::forget_middle(std::size_t from) {
  if (middle_ && from < middle_->end) *middle_ = {};
}

std::size_t Window::sensors(Timestamp after, Timestamp upto) const {
  // A sensor whose newest reading lies in the stretch counts; one whose newest reading lies before it
  // does not; only for the others the readings must be looked at.
  if (latest_ <= upto && earliest_newest_ > after) return newest_.size();  // all report, as they usually do
  std::size_t found = 0;
  std::size_t later = 0;
  earliest_newest_ = newest_.empty() ? kTimestampMin : kTimestampMax;
  for (const Sample& newest : newest_) {
    earliest_newest_ = std::min(earliest_newest_, newest.timestamp);
    found += newest.timestamp > after && newest.timestamp <= upto ? 1 : 0;
    later += newest.timestamp > upto ? 1 : 0;
  }
  if (later == 0 || leaves_.empty()) return found;

  std::vector<bool> wanted(newest_.size());
  for (std::size_t i = 0; i < newest_.size(); ++i) wanted[i] = newest_[i].timestamp > upto;
  look_for(wanted, later, after, upto, [&found](std::uint16_t) { ++found; });
  return found;
}

void Window::mark_sensors(Timestamp after, Timestamp upto, std::vector<bool>& seen) const {
  const std::size_t slots = std::min(seen.size(), newest_.size());
  std::vector<bool> wanted(newest_.size());
  std::size_t later = 0;
  for (std::size_t i = 0; i < slots; ++i) {
    const Timestamp newest = newest_[i].timestamp;
    if (newest > after && newest <= upto) seen[i] = true;
    wanted[i] = newest > upto && !seen[i];
    later += wanted[i] ? 1 : 0;
  }
  if (later > 0 && !leaves_.empty()) {
    look_for(wanted, later, after, upto, [&seen](std::uint16_t slot) { seen[slot] = true; });
  }
}

// Tells which of the `count` wanted slots have a reading in the stretch. From its end on, for most have one there.
template <class Found>
void Window::look_for(std::vector<bool>& wanted, std::size_t count, Timestamp after, Timestamp upto,
                      Found found) const {
  for (std::size_t i = leaf_index(upto) + 1; i-- > 0 && count > 0;) {
    const Leaf& leaf = leaves_[i];
    for (const Entry& entry : leaf) {
      const Timestamp moment = leaf.timestamp(entry);
      if (!wanted[entry.slot] || moment <= after || moment > upto) continue;
      wanted[entry.slot] = false;
      found(entry.slot);
      --count;
    }
    if (leaf.from() <= after) break;
  }
}

// Only the first and the last of the leaves within a stretch can tell which values stand at its ends: those two are
// read through, as are leaves that reach over an edge; the others are their tallies.
std::size_t Window::fold(const summary::Steps& steps, std::optional<Slot> slot,
                         std::span<summary::Summary> summaries) const {
  const std::size_t all = steps.count();
  const summary::Steps kept{std::max(steps.from, floor_), steps.to, steps.step};
  if (leaves_.empty() || kept.from >= kept.to) return all;
  const auto stretch_of = [&](const Leaf& leaf) {
    const bool whole = !slot && leaf.count() > 0 && kept.covers(leaf.first()) && kept.covers(leaf.last()) &&
                       steps.within_one(leaf.first(), leaf.last());
    return whole ? std::optional(steps.index(leaf.first())) : std::nullopt;
  };
  std::size_t looked_at = 0;
  for (std::size_t i = leaf_index(kept.from); i < leaves_.size() && leaves_[i].from() < kept.to; ++i) {
    const Leaf& leaf = leaves_[i];
    if (leaf.count() == 0 || leaf.last() < kept.from || leaf.first() >= kept.to) continue;
    const std::size_t begun = steps.index(std::max(leaf.first(), kept.from));
    if (looked_at >= limits::kTakenAtOnce && begun > steps.index(kept.from)) {
      // The leaf before may have begun this stretch already.
      for (summary::Summary& summary : summaries.subspan(begun)) summary = summary::Summary();
      return begun;
    }
    const auto stretch = stretch_of(leaf);
    if (stretch && i > 0 && i + 1 < leaves_.size() && stretch_of(leaves_[i - 1]) == stretch &&
        stretch_of(leaves_[i + 1]) == stretch) {
      summary::Tally& inner = summaries[*stretch];
      leaf.add_to(inner);
      continue;
    }
    looked_at += leaf.count();
    leaf.fold(steps, kept.from, slot, summaries);
  }
  return all;
}

Timestamp Window::end_of(std::size_t readings, Timestamp from, Timestamp to) const {
  if (leaves_.empty()) return to;
  for (std::size_t i = leaf_index(from); i < leaves_.size() && leaves_[i].from() < to; ++i) {
    const Leaf& leaf = leaves_[i];
    if (leaf.count() == 0 || leaf.first() < from) continue;
    if (leaf.last() >= to) break;
    if (leaf.count() >= readings) return leaf.last() + Duration(1);
    readings -= leaf.count();
  }
  return to;
}

void Window::collect(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotSample>& out) const {
  if (leaves_.empty() || to <= from) return;
  for (std::size_t i = leaf_index(from); i < leaves_.size() && leaves_[i].from() < to; ++i) {
    const Leaf& leaf = leaves_[i];
    if (leaf.count() == 0 || leaf.last() < from || leaf.first() >= to) continue;
    for (const Entry& entry : leaf) {
      const Timestamp moment = leaf.timestamp(entry);
      if (moment < from || moment >= to || (slot && entry.slot != slot->value())) continue;
      out.push_back({Slot(entry.slot), {moment, entry.value}});
    }
  }
}

bool Window::take(std::vector<SlotSample>& out, std::size_t most) {
  for (Leaf& leaf : leaves_) {
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(leaf.count() - leaf.taken(), most));
    for (const Entry& entry : std::span(leaf.begin() + leaf.taken(), count)) {
      out.push_back({Slot(entry.slot), {leaf.timestamp(entry), entry.value}});
    }
    leaf.take(count);
    most -= count;
    if (most == 0) return true;
  }
  return false;
}

std::optional<Sample> Window::last_at(Timestamp at, std::optional<Slot> slot) const {
  if (leaves_.empty()) return std::nullopt;
  std::optional<Sample> last;
  for (std::size_t i = leaf_index(at) + 1; i-- > 0 && !last;) {
    const Leaf& leaf = leaves_[i];
    if (leaf.count() == 0 || leaf.first() > at) continue;
    for (const Entry& entry : leaf) {
      const Timestamp moment = leaf.timestamp(entry);
      if (moment > at || (slot && entry.slot != slot->value()) || (last && moment <= last->timestamp)) continue;
      last = Sample{moment, entry.value};
    }
  }
  return last;
}

bool Window::keeps_what_is_ahead(Timestamp now) const {
  std::size_t ahead = 0;
  for (const Leaf& leaf : leaves_) ahead += leaf.count() > 0 && leaf.first() > now ? leaf.count() : 0;
  return ahead <= std::max(limits::kReadingsAheadKept, count_ - ahead);
}

void Window::settle(bool written, Duration span, Timestamp now) {
  unflushed_ = 0;
  for (Leaf& leaf : leaves_) {
    leaf.settle(written);
    unflushed_ += leaf.count() - leaf.flushed();
  }
  if (!written || latest_ == kTimestampMin) return;
  drop((latest_ > now && keeps_what_is_ahead(now) ? now : latest_) - span);
}

void Window::drop(Timestamp keep_from) {
  forget_middle(0);
  entry_bytes_ = 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    Leaf& leaf = leaves_[i];
    const Timestamp to = i + 1 < leaves_.size() ? leaves_[i + 1].from() : kTimestampMax;
    const bool passed = leaf.count() == 0 || leaf.last() < keep_from;
    if (passed && leaf.flushed() == leaf.count() && leaf.count() > 0) {
      floor_ = std::max(floor_, std::min(leaf.last() + Duration(1), to));
      count_ -= leaf.count();
      continue;
    }
    // A leaf that straddles the bound is rebuilt when half of its time has passed.
    if (leaf.flushed() > 0 && leaf.first() < keep_from &&
        (passed || keep_from - leaf.first() > (leaf.last() - leaf.first()) / 2)) {
      const std::uint32_t before = leaf.count();
      leaf.drop_flushed_before(keep_from);
      count_ -= before - leaf.count();
      if (leaf.count() < before) floor_ = std::max(floor_, keep_from);
    }
    entry_bytes_ += leaf.entry_bytes();
    if (kept != i) leaves_[kept] = std::move(leaf);
    ++kept;
  }
  leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(kept), leaves_.end());
}

void Window::set_recovered(Timestamp floor) {
  floor_ = floor;
  for (Leaf& leaf : leaves_) leaf.take(leaf.count() - leaf.taken());
  for (Leaf& leaf : leaves_) leaf.settle(true);
  unflushed_ = 0;
}

}  // namespace temperature::window
