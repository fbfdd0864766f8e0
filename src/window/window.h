#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/reading.h"
#include "summary/steps.h"
#include "summary/summary.h"
#include "window/leaf.h"

namespace temperature::limits {

// Readings ahead of the clock that a window keeps in memory once the history has them. With more, and more than it has
// besides, it keeps those up to a span behind its newest one alone, and older ones are read from the history.
inline constexpr std::size_t kReadingsAheadKept = 65'536;
// Readings that a flush takes out of a window while it is locked, about; then others get their turn.
inline constexpr std::size_t kTakenAtOnce = 8'192;

}  // namespace temperature::limits

namespace temperature::window {

// One reading of a window, out of its leaf.
struct SlotSample {
  Slot slot;
  Sample sample;

  bool operator==(const SlotSample&) const = default;
};

// The readings of one room and quantity that are kept in memory, as leaves in order of time. A leaf
// holds about as many readings as the window has leaves (the square root of all), so that a query
// touches few leaves and scans few readings at its two edges, in a room of one sensor or of thousands; and the leaves
// between them are not even looked at again when it is asked again.
//
// At and above floor() the window holds every reading; below it only those that are not yet in the
// history for sure. Not thread-safe: Windows holds the locks.
class Window {
 public:
  // The first leaf reaches down to the beginning of time and the last one up to its end.
  [[nodiscard]] Timestamp floor() const { return floor_; }
  [[nodiscard]] std::size_t slots() const { return newest_.size(); }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t unflushed() const { return unflushed_; }
  // Of memory; kept, so that asking costs nothing. The small tally that answers are kept in is not counted.
  [[nodiscard]] std::size_t bytes() const {
    return sizeof(Window) + newest_.capacity() * sizeof(Sample) + leaves_.size() * sizeof(Leaf) + entry_bytes_;
  }

  // A sensor's newest reading ever; a timestamp of kTimestampMin when it has none. While it is not knows_newest() the
  // newest one is in the history, and not behind that timestamp.
  [[nodiscard]] Sample newest(Slot slot) const;
  [[nodiscard]] bool knows_newest(Slot slot) const { return unsure_count_ == 0 || !unsure(slot); }
  // The newest reading of all sensors; of several at the same moment the one with the lowest slot.
  [[nodiscard]] std::optional<SlotSample> newest() const;
  [[nodiscard]] bool knows_newest() const;
  // Takes over what the history knows of a sensor, before the first reading is added.
  void restore_newest(Slot slot, Sample newest);
  // The same, but the history knows no more than that there is nothing behind `bound`.
  void restore_newest_bound(Slot slot, Timestamp bound);

  // The value kept here for this sensor and moment.
  [[nodiscard]] std::optional<double> find(Slot slot, Timestamp timestamp) const;

  // Adds a reading that is not here yet. `flushed`: the history has it (recovery).
  void add(Slot slot, Sample sample, bool flushed = false);

  // A deletion: drops the readings with from <= timestamp < to that are kept here; of one sensor if `slot` is given.
  // Appends the places of those that are not in the history for sure. Whose newest one went and is not kept here is not
  // known any more.
  void erase(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotTime>& unflushed);
  // A correction: gives readings other values, as far as they are kept here. In order of time.
  void replace(std::span<const SlotSample> readings);
  // Of sensors whose newest reading is not known, by slot, in order: what the history has as theirs.
  struct Stored {
    Slot slot;
    std::optional<Sample> newest;
  };
  void settle_newest(std::span<const Stored> stored);

  // Summarises the readings kept here with after < timestamp <= upto; of one sensor if `slot` is given.
  void summarize(Timestamp after, Timestamp upto, std::optional<Slot> slot, summary::Tally& summary) const;
  // How many sensors have a reading in that stretch, kept here.
  [[nodiscard]] std::size_t sensors(Timestamp after, Timestamp upto) const;
  // Adds the readings at and above the floor that are kept here and lie within `steps` to their stretches'
  // `summaries`, which are empty yet and as many as the stretches. Stops at the end of a stretch once it has looked
  // at some limits::kTakenAtOnce readings one by one, and tells how many stretches are whole then: one at least.
  std::size_t fold(const summary::Steps& steps, std::optional<Slot> slot, std::span<summary::Summary> summaries) const;
  // Marks in `seen`, by slot, who has a reading in that stretch, kept here. Slots beyond its end are left out.
  void mark_sensors(Timestamp after, Timestamp upto, std::vector<bool>& seen) const;
  // The end of a stretch from `from` on that has at least `readings` kept here, and not many more; `to` at most.
  [[nodiscard]] Timestamp end_of(std::size_t readings, Timestamp from, Timestamp to) const;
  // Appends the readings kept here with from <= timestamp < to, in no order.
  void collect(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotSample>& out) const;

  // The newest reading at or before `at` that is kept here; of one sensor if `slot` is given.
  [[nodiscard]] std::optional<Sample> last_at(Timestamp at, std::optional<Slot> slot) const;

  // The flush: take() appends what the history does not have; settle() tells whether it was written,
  // then drops what is written and older than `span` behind the newest reading that is not ahead of the clock, which
  // says `now`.
  // take() appends at most `most` and tells whether there may be more.
  bool take(std::vector<SlotSample>& out, std::size_t most = std::numeric_limits<std::size_t>::max());
  void settle(bool written, Duration span, Timestamp now);

  // Recovery only: everything added so far is in the history, and below `floor` there is more.
  void set_recovered(Timestamp floor);

 private:
  // Leaves next to each other, whole, as one tally.
  struct Middle {
    std::size_t begin = 0;
    std::size_t end = 0;
    summary::Tally tally;
  };

  // Of the leaves [begin, end). Whoever asks again, as dashboards do, asks for nearly the same.
  [[nodiscard]] const summary::Tally& middle(std::size_t begin, std::size_t end) const;
  void forget_middle(std::size_t from);  // when it has a leaf from there on
  [[nodiscard]] std::size_t leaf_index(Timestamp timestamp) const;
  [[nodiscard]] std::size_t leaf_readings() const;
  template <class Found>
  void look_for(std::vector<bool>& wanted, std::size_t count, Timestamp after, Timestamp upto, Found found) const;
  Leaf& leaf_for(Timestamp timestamp);
  Leaf& insert_leaf(std::size_t index, Timestamp from, Timestamp base);
  [[nodiscard]] bool unsure(Slot slot) const { return slot.value() < unsure_.size() && unsure_[slot.value()]; }
  void set_unsure(Slot slot, bool is);
  void find_latest();
  // By slot the newest reading kept here before `before`, of those that `wanted` says; kTimestampMin: none.
  template <class Wanted>
  [[nodiscard]] std::vector<Sample> newest_kept(Timestamp before, Wanted wanted) const;
  [[nodiscard]] bool keeps_what_is_ahead(Timestamp now) const;
  void drop(Timestamp keep_from);

  std::vector<Leaf> leaves_;
  mutable std::unique_ptr<Middle> middle_;  // that was asked for last; null until a question spans three leaves
  std::vector<Sample> newest_;              // by slot
  Timestamp latest_ = kTimestampMin;        // of them, and whose it is
  Slot latest_slot_;
  mutable Timestamp earliest_newest_ = kTimestampMin;  // none of them lies before it; brought up to date by sensors()
  std::vector<bool> unsure_;                           // by slot: newest_ is a bound; empty while there is none
  std::size_t unsure_count_ = 0;
  Timestamp floor_ = kTimestampMin;
  std::size_t entry_bytes_ = 0;  // of all leaves
  std::uint32_t count_ = 0;
  std::uint32_t unflushed_ = 0;
};

}  // namespace temperature::window
