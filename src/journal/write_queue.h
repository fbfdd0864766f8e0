#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "journal/group_wait.h"
#include "journal/journal.h"

namespace temperature::journal {

// The batches that wait for the journal's writer: it decides which of them make the next commit group, and when.
// Small batches come from live senders, who wait for each answer: they go as soon as GroupWait says so. Large ones come
// from those who send much. While small ones come too, a group has one large batch at most, and the journal rests after
// it for as long as it took and writes only small ones meanwhile: whoever sends one reading does not stand behind all
// that others send. Thread-safe; take() and committed() are the writer's.
class WriteQueue {
 public:
  explicit WriteQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // `bytes`: of its record. Errors: shutting_down; overloaded, unless the queue is empty.
  Result<void> add(Submission& batch, std::size_t bytes);

  // Waits for batches that are worth a sync and puts them into `taken`, which is empty. False: closed, and none is
  // left.
  bool take(std::vector<Submission*>& taken);
  // All that were taken are durable or failed; it took so long.
  void committed(std::chrono::nanoseconds took);

  void close();  // what is queued is still taken
  [[nodiscard]] std::size_t bytes() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Queued {
    Submission* batch;
    std::size_t bytes;
  };
  struct Waiting {
    std::deque<Queued> batches;
    std::size_t bytes = 0;
  };

  [[nodiscard]] bool small_come() const;  // the writer's
  [[nodiscard]] bool large_may_go() const;
  [[nodiscard]] bool ready() const;
  static void take_one(Waiting& waiting, std::vector<Submission*>& taken);
  static void take_all(Waiting& waiting, std::vector<Submission*>& taken);

  const std::size_t bytes_max_;

  // The writer's own.
  GroupWait group_wait_;
  std::size_t small_taken_ = 0;
  bool large_taken_ = false;
  Clock::time_point small_came_;  // when a small one was taken last

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable woken_;
  Waiting small_;
  Waiting large_;
  Clock::time_point large_may_go_;
  std::size_t wanted_ = 1;  // small batches that end the writer's sleep
  bool sleeping_ = false;
  bool closed_ = false;
};

}  // namespace temperature::journal
