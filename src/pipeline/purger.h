#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "history/history.h"
#include "journal/journal.h"
#include "model/ids.h"
#include "pipeline/flusher.h"
#include "pipeline/pending_deletions.h"

namespace temperature::limits {

// Seconds that a deletion with `purge` waits for its end before it is answered that the purge goes on.
inline constexpr std::chrono::seconds kPurgeAnswerWait{20};
// Purges that are noted and not done; a further one is refused (overloaded). The mirror may hold all of them up.
inline constexpr std::size_t kPurgesWaitingMax = 1'024;

}  // namespace temperature::limits

namespace temperature::pipeline {

// Sees to it that what deletions with `purge` took leaves the files, too: has the history written anew, and the
// journal's records gone, for which a mark goes in behind them. What is noted in the history is begun again after a
// restart. Its own thread, and one more while there is something to do; nobody waits for either.
class Purger {
 public:
  using Log = std::function<void(const std::string& what, bool grave)>;
  // All but the log outlive it. `answer_wait`: how long whoever asked for a purge waits for its end.
  Purger(history::History& history, journal::Journal& journal, Flusher& flusher, const Clock& clock, Log log,
         std::chrono::milliseconds answer_wait = limits::kPurgeAnswerWait)
      : history_(history),
        journal_(journal),
        flusher_(flusher),
        clock_(clock),
        log_(std::move(log)),
        answer_wait_(answer_wait) {}
  ~Purger() { stop(); }
  Purger(const Purger&) = delete;
  Purger& operator=(const Purger&) = delete;

  void start();
  // Tells all who wait that it goes on after the next start; a purge under way ends early. After the journal's stop().
  // Idempotent.
  void stop();

  // A deletion is in the history and noted there; `listener`, which may be nullptr, is told of it when the purge has
  // ended or lasts too long. The flusher's thread, or any other that flushes.
  void take(DeletionOutcome outcome, DeletionListener* listener);

  // How many are noted and not done. Any thread.
  [[nodiscard]] std::size_t waiting() const { return history_.purges().list().size(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    DeletionOutcome outcome;
    DeletionListener* listener;
    Time until;
  };

  struct Round {
    Position done;          // the purges up to this one have come to their end
    std::string waits_for;  // what the others wait for; empty: there are none
  };

  void run();
  void begin_round(Position upto);
  void end_round();
  void answer(Position upto, Time now);
  static void tell(const Waiting& waiting, std::string why);
  [[nodiscard]] std::optional<Position> noted() const;

  // A round, on a thread of its own.
  Result<Round> work(Position upto);
  Result<void> set_mark(Position upto);

  history::History& history_;
  journal::Journal& journal_;
  Flusher& flusher_;
  const Clock& clock_;
  const Log log_;
  const std::chrono::milliseconds answer_wait_;

  std::mutex mutex_;
  std::condition_variable woken_;
  // Guarded by mutex_:
  bool stopping_ = false;
  bool stopped_ = false;
  bool wanted_ = false;
  std::vector<Waiting> waiting_;
  std::optional<Result<Round>> round_;  // how it ended
  std::chrono::milliseconds pause_{};   // before the next one

  // run()'s own.
  std::thread round_thread_;
  Time not_before_;
  std::string waits_for_;
  bool failing_ = false;

  Position marked_;      // the round's: a mark stands there, or none
  Position marked_for_;  // up to here the mark stands behind the purges
  std::thread thread_;
};

}  // namespace temperature::pipeline
