#include <algorithm>

#include "window/leaf.h"
#include "window/window.h"

// Deletions and corrections in a window.
namespace temperature::window {

void Window::set_unsure(Slot slot, bool is) {
  if (unsure(slot) == is) return;
  if (unsure_.size() < newest_.size()) unsure_.resize(newest_.size());
  unsure_[slot.value()] = is;
  unsure_count_ += is ? 1 : std::size_t(-1);
  if (unsure_count_ == 0) unsure_ = {};
}

bool Window::knows_newest() const {
  if (unsure_count_ == 0) return true;
  if (latest_ == kTimestampMin) return false;
  for (std::size_t i = 0; i < unsure_.size(); ++i) {
    if (unsure_[i] && newest_[i].timestamp >= latest_) return false;
  }
  return true;
}

void Window::restore_newest_bound(Slot slot, Timestamp bound) {
  restore_newest(slot, {bound, 0});
  set_unsure(slot, true);
}

void Window::find_latest() {
  latest_ = kTimestampMin;
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    if (newest_[i].timestamp <= latest_) continue;
    latest_ = newest_[i].timestamp;
    latest_slot_ = Slot(static_cast<std::uint16_t>(i));
  }
  earliest_newest_ = kTimestampMin;
}

template <class Wanted>
std::vector<Sample> Window::newest_kept(Timestamp before, Wanted wanted) const {
  std::vector<Sample> newest(newest_.size(), Sample{kTimestampMin, 0});
  for (const Leaf& leaf : leaves_) {
    if (leaf.count() == 0 || leaf.first() >= before) continue;
    for (const Entry& entry : leaf) {
      const Timestamp moment = leaf.timestamp(entry);
      if (moment < before && moment > newest[entry.slot].timestamp && wanted(entry.slot)) {
        newest[entry.slot] = {moment, entry.value};
      }
    }
  }
  return newest;
}

void Window::erase(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotTime>& unflushed) {
  if (newest_.empty() || from >= to) return;
  forget_middle(0);
  const std::size_t unflushed_before = unflushed.size();
  for (Leaf& leaf : leaves_) {
    if (leaf.count() == 0 || leaf.last() < from || leaf.first() >= to) continue;
    const std::uint32_t before = leaf.count();
    entry_bytes_ -= leaf.entry_bytes();
    leaf.erase(from, to, slot, unflushed);
    entry_bytes_ += leaf.entry_bytes();
    count_ -= before - leaf.count();
  }
  unflushed_ -= static_cast<std::uint32_t>(unflushed.size() - unflushed_before);
  std::erase_if(leaves_, [](const Leaf& leaf) { return leaf.count() == 0; });

  // Whose newest one went: what is left of theirs lies before `from`, and at and above the floor it is here.
  const auto lost = [&](std::size_t i) {
    const Timestamp newest = newest_[i].timestamp;
    return newest != kTimestampMin && newest >= from && newest < to && (!slot || i == slot->value());
  };
  bool any = false;
  for (std::size_t i = 0; i < newest_.size() && !any; ++i) any = lost(i);
  if (!any) return;
  const std::vector<Sample> kept = newest_kept(from, lost);
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    if (!lost(i)) continue;
    const bool known = std::min(from, floor_) == kTimestampMin || kept[i].timestamp >= floor_;
    newest_[i] = known ? kept[i] : Sample{std::min(from, floor_) - Duration(1), 0};
    set_unsure(Slot(static_cast<std::uint16_t>(i)), !known);
  }
  find_latest();
}

void Window::replace(std::span<const SlotSample> readings) {
  if (newest_.empty()) return;
  forget_middle(0);
  Leaf* changed = nullptr;
  const auto move_on = [&changed](Leaf* to) {
    if (changed != nullptr && changed != to) changed->sum_up();
    changed = to;
  };
  for (const auto& [slot, sample] : readings) {
    if (!leaves_.empty()) {
      Leaf& leaf = leaves_[leaf_index(sample.timestamp)];
      if (leaf.replace(slot, sample)) move_on(&leaf);
    }
    if (slot.value() >= newest_.size() || unsure(slot)) continue;
    Sample& newest = newest_[slot.value()];
    if (newest.timestamp == sample.timestamp) newest.value = sample.value;
  }
  move_on(nullptr);
}

void Window::settle_newest(std::span<const Stored> stored) {
  if (unsure_count_ == 0) return;
  const std::vector<Sample> kept =
      newest_kept(kTimestampMax, [this](std::size_t i) { return unsure(Slot(static_cast<std::uint16_t>(i))); });
  for (const auto& [slot, newest] : stored) {
    if (!unsure(slot)) continue;
    Sample& mine = newest_[slot.value()];
    mine = kept[slot.value()];
    if (newest && newest->timestamp > mine.timestamp) mine = *newest;
    set_unsure(slot, false);
  }
  find_latest();
}

}  // namespace temperature::window
