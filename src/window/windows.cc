#include "window/windows.h"

#include <algorithm>
#include <utility>

#include "model/batch_limits.h"

namespace temperature::window {

Windows::Room& Windows::room(WindowId id) {
  if (id.value() >= rooms_.size()) {  // only the applier and recovery grow the table
    const std::unique_lock lock(table_mutex_);
    while (id.value() >= rooms_.size()) {
      rooms_.grow();
      bytes_.fetch_add(rooms_[rooms_.size() - 1].window.bytes(), std::memory_order_relaxed);
    }
  }
  return rooms_[id.value()];
}

const Windows::Room* Windows::find(WindowId id) const {
  const std::shared_lock lock(table_mutex_);
  return id.value() < rooms_.size() ? &rooms_[id.value()] : nullptr;
}

Windows::Room& Windows::known(WindowId id) {
  const std::shared_lock lock(table_mutex_);
  return rooms_[id.value()];
}

Archive::Stored Windows::stored_at(const Room& room, std::size_t row, const ReadingColumns& rows, Archive& archive) {
  const auto kept = room.window.find(rows.places[row].slot, rows.timestamps[row]);
  if (kept || rows.timestamps[row] >= room.window.floor()) return {.value = kept};
  return archive.stored(row);
}

void Windows::apply_row(Room& room, std::size_t row, const ReadingColumns& rows, Archive& archive, Applied& applied) {
  const Slot slot = rows.places[row].slot;
  const Sample sample{rows.timestamps[row], rows.values[row]};
  const Timestamp newest = room.window.newest(slot).timestamp;
  if (sample.timestamp <= newest) {
    const auto [stored, known] = stored_at(room, row, rows, archive);
    if (!known) {
      ++applied.undecided;
      return applied.leave_out(row);
    }
    if (stored && *stored == sample.value) {
      ++applied.duplicates;
      return applied.leave_out(row);
    }
    if (stored) {
      ++applied.conflicts;
      if (applied.contradictions.size() < limits::kDetailsListedMax) {
        applied.contradictions.push_back({row, *stored});
      } else if (applied.contradicted.size() < limits::kConflictsNamedMax) {
        applied.contradicted.push_back(rows.series[row]);
      }
      return applied.leave_out(row);
    }
  }
  room.window.add(slot, sample);
  ++applied.fresh;
  if (to_ms(newest) <= arrives_behind_ms_.load(std::memory_order_relaxed)) [[unlikely]]
    applied.arrived.push_back(rows.series[row]);
}

void Windows::apply(const Journalled& batch, Archive& archive, Applied& applied) {
  const ReadingColumns& rows = batch.readings();
  const std::uint64_t fresh_before = applied.fresh;
  // Counted before the flusher can see them, for it subtracts what it wrote; what was not fresh goes off again.
  count_.fetch_add(rows.size(), std::memory_order_relaxed);
  unflushed_.fetch_add(rows.size(), std::memory_order_relaxed);
  std::size_t row = 0;
  while (row < rows.size()) {
    const WindowId id = rows.places[row].window;
    Room& home = room(id);
    bool became_dirty = false;
    {
      const std::lock_guard lock(home.mutex);
      const CountBytes counting(*this, home.window);
      for (; row < rows.size() && rows.places[row].window == id; ++row) apply_row(home, row, rows, archive, applied);
      became_dirty = !home.dirty && home.window.unflushed() > 0;
      home.dirty = home.dirty || became_dirty;
    }
    if (became_dirty) {
      const std::lock_guard lock(dirty_mutex_);
      dirty_.push_back(id);
    }
  }
  const std::uint64_t refused = rows.size() - (applied.fresh - fresh_before);
  count_.fetch_sub(refused, std::memory_order_relaxed);
  unflushed_.fetch_sub(refused, std::memory_order_relaxed);
}

Timestamp Windows::Floors::operator[](WindowId id) const {
  if (id.value() >= windows_.rooms_.size()) return kTimestampMin;
  return timestamp_from_ms(windows_.rooms_[id.value()].floor_ms.load(std::memory_order_acquire));
}

Windows::Summarized Windows::summarize(WindowId id, Timestamp after, Timestamp upto, std::optional<Slot> slot) const {
  Summarized result;
  const Room* room = find(id);
  if (room == nullptr) return result;
  const std::lock_guard lock(room->mutex);
  result.floor = room->window.floor();
  room->window.summarize(after, upto, slot, result.summary);
  if (result.summary.count > 0) result.sensors = slot ? 1 : room->window.sensors(after, upto);
  return result;
}

Windows::Folded Windows::fold(WindowId id, const summary::Steps& steps, std::optional<Slot> slot,
                              std::span<summary::Summary> summaries, std::vector<SlotSample>& below,
                              std::vector<bool>* seen) const {
  const Room* room = find(id);
  if (room == nullptr) return {kTimestampMin, steps.count()};
  const std::lock_guard lock(room->mutex);
  const Timestamp floor = room->window.floor();
  const std::size_t whole = room->window.fold(steps, slot, summaries);
  const summary::Steps done = steps.part(0, whole);
  room->window.collect(done.from, std::min(done.to, floor), slot, below);
  if (seen != nullptr)
    room->window.mark_sensors(std::max(done.from, floor) - Duration(1), done.to - Duration(1), *seen);
  return {floor, whole};
}

Timestamp Windows::collect(WindowId id, Timestamp from, Timestamp to, std::optional<Slot> slot,
                           std::vector<SlotSample>& out) const {
  const Room* room = find(id);
  if (room == nullptr) return kTimestampMin;
  const std::lock_guard lock(room->mutex);
  room->window.collect(from, to, slot, out);
  return room->window.floor();
}

Timestamp Windows::collect_first(WindowId id, std::size_t readings, Timestamp from, Timestamp& to,
                                 std::vector<SlotSample>& out) const {
  const Room* room = find(id);
  if (room == nullptr) return kTimestampMin;
  const std::lock_guard lock(room->mutex);
  to = room->window.end_of(readings, from, to);
  room->window.collect(from, to, std::nullopt, out);
  return room->window.floor();
}

Windows::Last Windows::last_at(WindowId id, Timestamp at, std::optional<Slot> slot) const {
  const Room* room = find(id);
  if (room == nullptr) return {};
  const std::lock_guard lock(room->mutex);
  return {room->window.floor(), room->window.last_at(at, slot)};
}

Windows::Newest<SlotSample> Windows::newest(WindowId id) const {
  const Room* room = find(id);
  if (room == nullptr) return {};
  const std::lock_guard lock(room->mutex);
  return {room->window.newest(), room->window.knows_newest()};
}

Windows::Newest<Sample> Windows::newest(Place place) const {
  const Room* room = find(place.window);
  if (room == nullptr) return {};
  const std::lock_guard lock(room->mutex);
  const Sample newest = room->window.newest(place.slot);
  return {newest.timestamp == kTimestampMin ? std::nullopt : std::optional(newest),
          room->window.knows_newest(place.slot)};
}

void Windows::newest(WindowId id, std::vector<NewestTime>& by_slot) const {
  by_slot.clear();
  const Room* room = find(id);
  if (room == nullptr) return;
  const std::lock_guard lock(room->mutex);
  for (std::size_t i = 0; i < room->window.slots(); ++i) {
    const Slot slot(static_cast<std::uint16_t>(i));
    by_slot.push_back({room->window.newest(slot).timestamp, room->window.knows_newest(slot)});
  }
}

void Windows::arrives_behind(Timestamp bound) {
  std::int64_t before = arrives_behind_ms_.load(std::memory_order_relaxed);
  while (before < to_ms(bound) && !arrives_behind_ms_.compare_exchange_weak(before, to_ms(bound))) {
  }
}

void Windows::erase(WindowId id, Timestamp from, Timestamp to, std::optional<Slot> slot, Position deletion,
                    std::vector<SlotTime>& unflushed) {
  Room& home = room(id);
  const std::lock_guard lock(home.mutex);
  const CountBytes counting(*this, home.window);
  const std::size_t unflushed_before = home.window.unflushed();
  const std::size_t count_before = home.window.count();
  home.window.erase(from, to, slot, unflushed);
  home.changed = deletion;
  unflushed_.fetch_sub(unflushed_before - home.window.unflushed(), std::memory_order_relaxed);
  count_.fetch_sub(count_before - home.window.count(), std::memory_order_relaxed);
}

void Windows::look_up(const ReadingColumns& rows, Archive& archive, std::vector<Archive::Stored>& stored) {
  std::size_t row = 0;
  while (row < rows.size()) {
    const WindowId id = rows.places[row].window;
    Room& home = room(id);
    const std::lock_guard lock(home.mutex);
    for (; row < rows.size() && rows.places[row].window == id; ++row) {
      // As in apply(): what lies behind the newest one is not there, even if a history that is ahead has it.
      const bool behind = rows.timestamps[row] > home.window.newest(rows.places[row].slot).timestamp;
      stored.push_back(behind ? Archive::Stored{} : stored_at(home, row, rows, archive));
    }
  }
}

void Windows::correct(WindowId id, std::span<const SlotSample> replaced, std::span<const SlotSample> added,
                      Position correction) {
  Room& home = room(id);
  // As in apply(): before the flusher can see them.
  count_.fetch_add(added.size(), std::memory_order_relaxed);
  unflushed_.fetch_add(added.size(), std::memory_order_relaxed);
  bool became_dirty = false;
  {
    const std::lock_guard lock(home.mutex);
    const CountBytes counting(*this, home.window);
    home.window.replace(replaced);
    for (const auto& [slot, sample] : added) home.window.add(slot, sample);
    if (!replaced.empty()) home.changed = correction;
    became_dirty = !home.dirty && home.window.unflushed() > 0;
    home.dirty = home.dirty || became_dirty;
  }
  if (!became_dirty) return;
  const std::lock_guard lock(dirty_mutex_);
  dirty_.push_back(id);
}

bool Windows::settle_newest(WindowId id, Position deletions, std::span<const Window::Stored> stored) {
  Room& home = known(id);
  const std::lock_guard lock(home.mutex);
  if (home.changed > deletions) return false;
  home.window.settle_newest(stored);
  return true;
}

std::vector<WindowId> Windows::take_dirty() {
  const std::lock_guard lock(dirty_mutex_);
  return std::exchange(dirty_, {});
}

Windows::Taken Windows::take(WindowId id, std::size_t most, Position deletions, std::vector<SlotSample>& out) {
  Room& home = known(id);
  const std::lock_guard lock(home.mutex);
  home.dirty = false;
  if (home.changed > deletions) [[unlikely]]
    return Taken::held;
  return home.window.take(out, most) ? Taken::some : Taken::all;
}

void Windows::settle(WindowId id, bool written, Duration span, Timestamp now) {
  Room& home = known(id);
  bool became_dirty = false;
  {
    const std::lock_guard lock(home.mutex);
    const CountBytes counting(*this, home.window);
    const std::size_t unflushed_before = home.window.unflushed();
    const std::size_t count_before = home.window.count();
    home.window.settle(written, span, now);
    home.floor_ms.store(to_ms(home.window.floor()), std::memory_order_release);
    unflushed_.fetch_sub(unflushed_before - home.window.unflushed(), std::memory_order_relaxed);
    count_.fetch_sub(count_before - home.window.count(), std::memory_order_relaxed);
    became_dirty = !home.dirty && home.window.unflushed() > 0;
    home.dirty = home.dirty || became_dirty;
  }
  if (became_dirty) {
    const std::lock_guard lock(dirty_mutex_);
    dirty_.push_back(id);
  }
}

void Windows::restore_newest(Place place, Sample newest) {
  Room& home = room(place.window);
  const std::lock_guard lock(home.mutex);
  const CountBytes counting(*this, home.window);
  home.window.restore_newest(place.slot, newest);
}

void Windows::restore_newest_bound(Place place, Timestamp bound) {
  Room& home = room(place.window);
  const std::lock_guard lock(home.mutex);
  const CountBytes counting(*this, home.window);
  home.window.restore_newest_bound(place.slot, bound);
}

void Windows::restore(WindowId id, Timestamp floor, std::span<const SlotSample> samples) {
  Room& home = room(id);
  const std::lock_guard lock(home.mutex);
  const CountBytes counting(*this, home.window);
  for (const auto& [slot, sample] : samples) home.window.add(slot, sample, /*flushed=*/true);
  home.window.set_recovered(floor);
  home.floor_ms.store(to_ms(floor), std::memory_order_release);
  count_.fetch_add(samples.size(), std::memory_order_relaxed);
}

}  // namespace temperature::window
