#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "audit/entry.h"
#include "base/error.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/reading.h"
#include "model/stages.h"

namespace temperature::limits {

// Deletions that are in force and not in the history yet; a further one is refused (overloaded). Readers look through
// all of them.
inline constexpr std::size_t kPendingDeletionsMax = 256;
// Readings of corrections that are in force and not in the history yet, together; one that has more goes alone, else it
// is refused (overloaded).
inline constexpr std::size_t kPendingCorrectedMax = 2'000'000;

}  // namespace temperature::limits

namespace temperature::pipeline {

// What a deletion came to.
struct DeletionOutcome {
  Position position;
  std::optional<std::uint64_t> deleted;  // nullopt: it is in force, but what went could not be counted
  JournalId journal{};                   // that the position is counted in; none: it has none
  // Of one with a purge: whether no file has what it took any more.
  struct Purge {
    bool done = false;
    std::string waits_for;  // of one that is not: in words
  };
  std::optional<Purge> purge = std::nullopt;  // nullopt: none was asked for
};

// Told once what became of a deletion, on the flusher's thread or the journal's: it keeps what it is given.
class DeletionListener {
 public:
  virtual ~DeletionListener() = default;
  virtual void deleted(Result<DeletionOutcome> outcome) = 0;
};

// A deletion that is in force, until the history has its tombstones; or a correction, until the history has its
// readings: then there are no targets.
struct PendingDeletion {
  struct Target {
    SeriesId series;
    Place place;
  };
  struct Emptied {
    Place place;
    Timestamp timestamp;
  };

  // A reading that has taken the place of another.
  struct Corrected {
    SeriesId series;
    Place place;
    Sample sample;
  };

  [[nodiscard]] bool covers(Timestamp timestamp) const { return timestamp >= from && timestamp < to; }
  [[nodiscard]] bool covers(SeriesId series) const;
  [[nodiscard]] std::span<const Corrected> corrected_of(SeriesId series) const;
  // Whether readers have to know of it.
  [[nodiscard]] bool shows() const { return !targets.empty() || !corrected.empty(); }

  Position position;
  Timestamp from;
  Timestamp to;
  audit::Entry entry = {};  // what the audit says of it, without the count
  bool purge = false;
  std::vector<Target> targets;           // in order of series
  std::vector<Emptied> emptied;          // that left memory, and were not in the history for sure
  DeletionListener* listener = nullptr;  // nullptr: nobody waits, or not any more

  bool is_correction = false;
  std::vector<Corrected> corrected;  // in order of series and time, each place once
  std::uint64_t replaced = 0;        // of a correction: how many of its rows took another value's place

  std::size_t readings_reserved = 0;  // PendingPlace
};

class PendingDeletions;

// A place that is kept free for a correction of so many readings. Given back when it ends without one.
class PendingPlace {
 public:
  PendingPlace() = default;
  PendingPlace(PendingDeletions& pending, std::size_t readings) : pending_(&pending), readings_(readings) {}
  ~PendingPlace() { give_back(); }
  PendingPlace(PendingPlace&& other) noexcept
      : pending_(std::exchange(other.pending_, nullptr)), readings_(other.readings_) {}
  PendingPlace& operator=(PendingPlace&& other) noexcept;

  // It is the correction's now, which keeps in mind how many readings it was for.
  [[nodiscard]] std::size_t hand_over() {
    pending_ = nullptr;
    return readings_;
  }

 private:
  void give_back();

  PendingDeletions* pending_ = nullptr;
  std::size_t readings_ = 0;
};

// The deletions and corrections that the windows have applied and the history not yet. Readers hide what the history
// has under them. Thread-safe; who may call what is said below.
class PendingDeletions {
 public:
  using List = std::vector<std::shared_ptr<const PendingDeletion>>;

  // Whether there are any of which readers have to know, and those. Any thread; one load.
  [[nodiscard]] bool any() const { return count_.load(std::memory_order_acquire) > 0; }
  [[nodiscard]] std::shared_ptr<const List> list() const;

  // A place for one more, of limits::kPendingDeletionsMax; false: there is none. Any thread. It is given back by
  // give_back(), or when the deletion is done.
  [[nodiscard]] bool take_place();
  void give_back() { places_.fetch_sub(1, std::memory_order_relaxed); }
  // The same for a correction; nullopt: there is none, or too many readings of others wait.
  [[nodiscard]] std::optional<PendingPlace> reserve(std::size_t readings);

  // Applier only: readers hide the history from now on; then, when the windows are empty, complete(). `took_place`:
  // that of take_place() or reserve(); recovery took none.
  void add(const std::shared_ptr<PendingDeletion>& deletion, bool took_place);
  void complete(Position position);

  // Flusher only: those that are complete, in order.
  [[nodiscard]] std::vector<std::shared_ptr<PendingDeletion>> completed() const;
  // Their tombstones are durable in the history.
  void remove_upto(Position position);

 private:
  friend class PendingPlace;
  void list_anew();  // REQUIRES: mutex_ is held

  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<PendingDeletion>> deletions_;
  std::shared_ptr<const List> list_ = std::make_shared<const List>();
  Position completed_;

  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> places_{0};
  std::atomic<std::size_t> readings_reserved_{0};
};

}  // namespace temperature::pipeline
