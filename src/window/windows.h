#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <vector>

#include "base/stable_vector.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/stages.h"
#include "summary/steps.h"
#include "summary/summary.h"
#include "window/window.h"

namespace temperature::limits {

// Conflicts of a batch, beyond those that are listed, that are counted by series; more are counted without names.
inline constexpr std::size_t kConflictsNamedMax = 16'384;

}  // namespace temperature::limits

namespace temperature::window {

// Tells what the history holds of a batch's late readings: those below their window's floor.
class Archive {
 public:
  virtual ~Archive() = default;
  // What the history holds for a row of the batch: a value, or nothing.
  struct Stored {
    std::optional<double> value = std::nullopt;
    bool known = true;  // false: it could not be asked
  };
  virtual Stored stored(std::size_t row) = 0;
};

// A reading that was refused because another value is stored.
struct Contradiction {
  std::size_t row;
  double stored;
};

struct Applied {
  std::uint64_t fresh = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t replaced = 0;                 // of a correction: another value's place was taken
  std::uint64_t undecided = 0;                // not taken: the archive did not know
  std::vector<Contradiction> contradictions;  // the first limits::kDetailsListedMax
  std::vector<SeriesId> contradicted;         // the series of those after them, the first limits::kConflictsNamedMax
  std::vector<SeriesId> arrived;              // that had no reading as new as arrives_behind() says, and got one
  std::vector<std::uint32_t> not_taken;       // rows that changed nothing, in order; only where it is wanted
  bool wants_not_taken = false;

  void leave_out(std::size_t row) {
    if (wants_not_taken) not_taken.push_back(static_cast<std::uint32_t>(row));
  }
  void clear() {
    fresh = duplicates = conflicts = replaced = undecided = 0;
    contradictions.clear();
    contradicted.clear();
    arrived.clear();
    not_taken.clear();
  }
};

// The windows of all rooms. Pure: no clock, no I/O. Any number of readers beside one applier and one
// flusher; every call is atomic for its window (apply: for each run of rows of one window).
class Windows {
 public:
  Windows() = default;
  Windows(const Windows&) = delete;
  Windows& operator=(const Windows&) = delete;

  // Decides for each reading: fresh, duplicate or conflict, and keeps the fresh ones. The first of two
  // readings of the same series and timestamp wins. One about which the archive knows nothing is none of the three, and
  // is not kept. Applier only.
  void apply(const Journalled& batch, Archive& archive, Applied& applied);

  // Tells quickly below which moment a window's readings may be in the history alone. Holds a shared
  // lock that keeps new windows from being added: short lives only. Any thread.
  class Floors {
   public:
    explicit Floors(const Windows& windows) : windows_(windows), lock_(windows.table_mutex_) {}
    [[nodiscard]] Timestamp operator[](WindowId id) const;

   private:
    const Windows& windows_;
    std::shared_lock<std::shared_mutex> lock_;
  };

  // Any thread. A window that has no readings yet is empty.
  struct Summarized {
    Timestamp floor = kTimestampMin;
    summary::Tally summary;
    std::size_t sensors = 0;
  };
  // The readings with after < timestamp <= upto that are kept here.
  [[nodiscard]] Summarized summarize(WindowId id, Timestamp after, Timestamp upto, std::optional<Slot> slot) const;
  // As Window::fold(), and appends to `below` what lies within the whole stretches and below the floor: that may be
  // in the history too. `seen`, if given, is marked by slot for the readings folded.
  struct Folded {
    Timestamp floor = kTimestampMin;
    std::size_t stretches = 0;
  };
  Folded fold(WindowId id, const summary::Steps& steps, std::optional<Slot> slot, std::span<summary::Summary> summaries,
              std::vector<SlotSample>& below, std::vector<bool>* seen = nullptr) const;
  // Appends the readings kept here with from <= timestamp < to, in no order. Returns the floor.
  Timestamp collect(WindowId id, Timestamp from, Timestamp to, std::optional<Slot> slot,
                    std::vector<SlotSample>& out) const;
  // The same, with a `to` that is brought forward when `readings` lie before it.
  Timestamp collect_first(WindowId id, std::size_t readings, Timestamp from, Timestamp& to,
                          std::vector<SlotSample>& out) const;
  // The newest one at or before `at` that is kept here: no other is newer if it lies at or above the floor.
  struct Last {
    Timestamp floor = kTimestampMin;
    std::optional<Sample> sample;
  };
  [[nodiscard]] Last last_at(WindowId id, Timestamp at, std::optional<Slot> slot) const;
  // `known`: else the history has it, and it does not lie behind the one given (Window::knows_newest()).
  template <class T>
  struct Newest {
    std::optional<T> reading;
    bool known = true;
  };
  [[nodiscard]] Newest<SlotSample> newest(WindowId id) const;
  [[nodiscard]] Newest<Sample> newest(Place place) const;
  // The same of every sensor by slot, their times alone: kTimestampMin where there is none. Slots that no reading has
  // reached may be missing.
  struct NewestTime {
    Timestamp timestamp = kTimestampMin;
    bool known = true;
  };
  void newest(WindowId id, std::vector<NewestTime>& by_slot) const;

  // Who has no reading behind `bound`, and gets one, is in Applied::arrived from now on; at first that is who has none
  // at all. It never goes back. Any thread.
  void arrives_behind(Timestamp bound);

  // A deletion, of this position. Applier only: see Window. Nothing more is taken for a flush from the window until
  // the history knows the deletion.
  void erase(WindowId id, Timestamp from, Timestamp to, std::optional<Slot> slot, Position deletion,
             std::vector<SlotTime>& unflushed);
  // What stands at the places of rows: in their windows, or as the archive knows. Appends one for each row. Applier
  // only.
  void look_up(const ReadingColumns& rows, Archive& archive, std::vector<Archive::Stored>& stored);
  // A correction, of this position: readings that get another value, where they are kept, and readings of places where
  // nothing stands, which are added. Each in order of time; atomic. Applier only.
  void correct(WindowId id, std::span<const SlotSample> replaced, std::span<const SlotSample> added,
               Position correction);
  // Flusher only: see Window. False, and nothing is done: a deletion or correction behind `deletions` has come.
  [[nodiscard]] bool settle_newest(WindowId id, Position deletions, std::span<const Window::Stored> stored);

  // The flush. Flusher only: the windows that have readings which are not in the history; then for
  // each of them take() and settle(), see Window.
  std::vector<WindowId> take_dirty();
  // At most `most` readings. The history knows every deletion up to `deletions`: from a window that a later one has
  // emptied nothing is taken, for it would have to go into the history behind that one.
  enum class Taken : std::uint8_t { all, some, held };
  Taken take(WindowId id, std::size_t most, Position deletions, std::vector<SlotSample>& out);
  void settle(WindowId id, bool written, Duration span, Timestamp now);

  // Recovery only, before anything is applied.
  void restore_newest(Place place, Sample newest);
  void restore_newest_bound(Place place, Timestamp bound);
  void restore(WindowId id, Timestamp floor, std::span<const SlotSample> samples);

  // Figures. Any thread.
  [[nodiscard]] std::uint64_t unflushed() const { return unflushed_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Room {
    mutable std::mutex mutex;  // guards what is not atomic
    Window window;
    std::atomic<std::int64_t> floor_ms = to_ms(kTimestampMin);  // the window's, for Floors
    bool dirty = false;
    Position changed;  // the last deletion or correction that changed what stands in it
  };

  // Counts what a window's memory grows or shrinks by while it lives. REQUIRES: the room is locked.
  class CountBytes {
   public:
    CountBytes(Windows& windows, const Window& window)
        : windows_(windows), window_(window), bytes_before_(window.bytes()) {}
    ~CountBytes() {
      const std::uint64_t more = window_.bytes() - bytes_before_;  // modulo 2^64 when it shrank
      if (more != 0) windows_.bytes_.fetch_add(more, std::memory_order_relaxed);
    }
    CountBytes(const CountBytes&) = delete;
    CountBytes& operator=(const CountBytes&) = delete;

   private:
    Windows& windows_;
    const Window& window_;
    const std::uint64_t bytes_before_;
  };

  Room& room(WindowId id);
  Room& known(WindowId id);
  [[nodiscard]] const Room* find(WindowId id) const;
  [[nodiscard]] static Archive::Stored stored_at(const Room& room, std::size_t row, const ReadingColumns& rows,
                                                 Archive& archive);
  void apply_row(Room& room, std::size_t row, const ReadingColumns& rows, Archive& archive, Applied& applied);

  mutable std::shared_mutex table_mutex_;  // guards the table's growth, not the windows
  StableVector<Room> rooms_;
  std::mutex dirty_mutex_;
  std::vector<WindowId> dirty_;
  std::atomic<std::int64_t> arrives_behind_ms_{to_ms(kTimestampMin)};
  std::atomic<std::uint64_t> unflushed_{0};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> bytes_{0};  // of all windows, kept by whoever changes one
};

}  // namespace temperature::window
