#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/ids.h"
#include "model/reading.h"
#include "summary/exact_sum.h"
#include "summary/steps.h"
#include "summary/summary.h"

namespace temperature::limits {

// Readings that a leaf of a window takes at least before it is split.
inline constexpr std::size_t kLeafReadingsMin = 128;
// Readings that a leaf of a window takes at most, however many the window has.
inline constexpr std::size_t kLeafReadingsMax = 8'192;

}  // namespace temperature::limits

namespace temperature::window {

// A reading as a leaf keeps it: 14 bytes. Its members may lie at any even address: they are read by value, and no
// reference may be bound to one.
struct [[gnu::packed, gnu::aligned(2)]] Entry {
  double value;
  std::uint32_t offset_ms;  // from the leaf's base
  std::uint16_t slot;

  [[nodiscard]] Duration offset() const { return Duration(std::uint32_t{offset_ms}); }
};
static_assert(sizeof(Entry) == 14);

// A reading's place in a window.
struct SlotTime {
  Slot slot;
  Timestamp timestamp;

  bool operator==(const SlotTime&) const = default;
};

// A stretch of a window's readings, from..(the next leaf's from), with what an average over all of it needs.
// Readings lie within 2^32 ms (49 days) from its base. They stand as they arrived, until a search among them
// puts them in order of (time, slot). The first `flushed` entries are in the history for sure, the first `taken`
// were handed to a flush. Not thread-safe, not even to read.
class Leaf {
 public:
  Leaf(Timestamp from, Timestamp base) : from_(from), base_(base) {}

  [[nodiscard]] Timestamp from() const { return from_; }
  void set_from(Timestamp from) { from_ = from; }
  [[nodiscard]] Timestamp base() const { return base_; }
  [[nodiscard]] Timestamp first() const { return base_ + Duration(first_ms_); }
  [[nodiscard]] Timestamp last() const { return base_ + Duration(last_ms_); }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool reaches(Timestamp timestamp) const {
    return timestamp >= base_ && (timestamp - base_).count() <= std::numeric_limits<std::uint32_t>::max();
  }
  [[nodiscard]] Timestamp timestamp(const Entry& entry) const { return base_ + entry.offset(); }
  [[nodiscard]] const Entry* begin() const { return entries_.get(); }
  [[nodiscard]] const Entry* end() const { return entries_.get() + count_; }

  // The stored value at this slot and moment.
  [[nodiscard]] std::optional<double> find(Slot slot, Timestamp timestamp) const;

  // Adds a reading that reaches() allows and find() does not know.
  void add(Slot slot, Sample sample);

  // Gives the reading that is kept at this slot and moment another value; false: there is none. Then sum_up() is due.
  bool replace(Slot slot, Sample sample);
  // Adds up the values anew.
  void sum_up();

  // Adds the readings with after < timestamp <= upto to `summary`.
  void summarize(Timestamp after, Timestamp upto, summary::Tally& summary) const;
  // Adds all readings, in one step.
  void add_to(summary::Tally& summary) const;

  // Adds the readings from `from` on that lie within `steps` to their stretches' summaries, one by one; of one sensor
  // if `slot` is given.
  void fold(const summary::Steps& steps, Timestamp from, std::optional<Slot> slot,
            std::span<summary::Summary> summaries) const;

  // Moves the later half by time to a new leaf. Needs first() < last().
  Leaf split();

  // Drops flushed entries before `keep_from`.
  void drop_flushed_before(Timestamp keep_from);

  // Drops the entries with from <= timestamp < to, of one sensor if `slot` is given. Appends the places of those that
  // are not in the history for sure.
  void erase(Timestamp from, Timestamp to, std::optional<Slot> slot, std::vector<SlotTime>& unflushed);

  void shrink() { resize(count_); }
  [[nodiscard]] std::size_t entry_bytes() const { return std::size_t{capacity_} * sizeof(Entry); }

  [[nodiscard]] std::uint32_t flushed() const { return flushed_; }
  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  void take(std::uint32_t entries) { taken_ += entries; }
  void settle(bool written) {
    if (written) {
      flushed_ = taken_;
    } else {
      taken_ = flushed_;
    }
  }

 private:
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };

  void summarize_part(Timestamp after, Timestamp upto, summary::Tally& summary) const;
  void order() const;
  [[nodiscard]] Entry* locate(Slot slot, Timestamp timestamp) const;
  void add_value(double value);
  void append(const Entry& entry);
  void resize(std::uint32_t capacity);
  template <class Keep>
  void rebuild(Keep keep, Leaf* others);

  Timestamp from_;
  Timestamp base_;
  summary::int128 sum_ = 0;  // of the values that to_fixed() takes
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  std::unique_ptr<Entry[], Free> entries_;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t unfit_ = 0;  // values that to_fixed() does not take
  std::uint32_t first_ms_ = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t last_ms_ = 0;
  std::uint32_t flushed_ = 0;
  std::uint32_t taken_ = 0;
  mutable std::uint32_t ordered_ = 0;  // so many of the first entries lie in order
};

}  // namespace temperature::window
