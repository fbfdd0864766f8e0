#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/reading.h"

namespace temperature::limits {

// Deletions that are in force and not in the history yet; a further one is refused (overloaded). Readers look through
// all of them.
inline constexpr std::size_t kPendingDeletionsMax = 256;

}  // namespace temperature::limits

namespace temperature::pipeline {

// What a deletion came to.
struct DeletionOutcome {
  Position position;
  std::optional<std::uint64_t> deleted;  // nullopt: it is in force, but what went could not be counted
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

// A deletion that is in force, until the history has its tombstones.
struct PendingDeletion {
  struct Target {
    SeriesId series;
    Place place;
  };
  struct Emptied {
    Place place;
    Timestamp timestamp;
  };

  [[nodiscard]] bool covers(Timestamp timestamp) const { return timestamp >= from && timestamp < to; }
  [[nodiscard]] bool covers(SeriesId series) const;

  Position position;
  Timestamp from;
  Timestamp to;
  bool purge = false;
  std::vector<Target> targets;           // in order of series
  std::vector<Emptied> emptied;          // that left memory, and were not in the history for sure
  DeletionListener* listener = nullptr;  // nullptr: nobody waits, or not any more
};

// The deletions that the windows have applied and the history not yet. Readers hide what the history has under them.
// Thread-safe; who may call what is said below.
class PendingDeletions {
 public:
  using List = std::vector<std::shared_ptr<const PendingDeletion>>;

  // Whether there are any. Any thread; one load.
  [[nodiscard]] bool any() const { return count_.load(std::memory_order_acquire) > 0; }
  [[nodiscard]] std::shared_ptr<const List> list() const;

  // A place for one more, of limits::kPendingDeletionsMax; false: there is none. Any thread. It is given back by
  // give_back(), or when the deletion is done.
  [[nodiscard]] bool take_place();
  void give_back() { places_.fetch_sub(1, std::memory_order_relaxed); }

  // Applier only: readers hide the history from now on; then, when the windows are empty, complete(). `took_place`:
  // that of take_place(); recovery took none.
  void add(const std::shared_ptr<PendingDeletion>& deletion, bool took_place);
  void complete(Position position);

  // Flusher only: those that are complete, in order.
  [[nodiscard]] std::vector<std::shared_ptr<PendingDeletion>> completed() const;
  // Their tombstones are durable in the history.
  void remove_upto(Position position);

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<PendingDeletion>> deletions_;
  std::shared_ptr<const List> list_ = std::make_shared<const List>();
  Position completed_;

  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> places_{0};
};

}  // namespace temperature::pipeline
