#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/keeping.h"
#include "model/retention.h"
#include "pipeline/known_time.h"
#include "pipeline/service_state.h"

namespace temperature::limits {

// Minutes for which a deletion that is said first waits.
inline constexpr Duration kNoticeWait = std::chrono::minutes(60);

}  // namespace temperature::limits

namespace temperature::pipeline {

// Where a Keeping is kept from one start to the next.
class KeepingNotes {
 public:
  virtual ~KeepingNotes() = default;
  // What the start found; nothing in a new folder, and in one of before.
  [[nodiscard]] virtual std::optional<Keeping> found() const = 0;
  // Durably. Error startup or disk_full: what was noted before is kept.
  virtual Result<void> note(const Keeping& keeping) = 0;
};

struct KeeperOptions {
  Retention retention{};
  Duration notice_wait = limits::kNoticeWait;  // 0: nothing is said first
  bool clock_is_right = false;                 // whatever the folder knows
  // Has the history take what is in memory, which is counted with the rest then; may be empty.
  std::function<Result<void>()> flush;
  std::function<void()> forgotten;  // called after each round; may be empty
  KeepingNotes* notes = nullptr;    // outlives the keeper; nullptr: nothing is kept
  // Told what there is to say; `grave` when it needs somebody. May be empty.
  std::function<void(const std::string& what, bool grave)> log;
};

// Has the history forget what is older than the retention, in the background: at the start, then every hour; and keeps
// the last time that the service knew. Nothing is forgotten while the clock is not to be believed; and where more than
// a day's worth and more than one of a hundred readings would go at once, that is said first, and waits. Readers leave
// out what is too old whether it is forgotten yet or not.
class Keeper {
 public:
  Keeper(const catalogue::Catalogue& catalogue, history::History& history, KnownTime& time, const ServiceState& state,
         KeeperOptions options);
  ~Keeper();  // stop()
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // `newest`: the newest reading, for a folder that knows no time yet; `max_ahead`: as far ahead it may be.
  void start(std::optional<Timestamp> newest, Duration max_ahead);
  void stop();  // REQUIRES: History::stop_settling() was called, or may be waited for; idempotent

  // Once, now, as far as the clock and what is said first allow it. Any thread; one at a time.
  Result<void> expire();
  // What the thread does every second but for that: looks at the clock, and notes what is to be kept.
  void look();

  // Any thread.
  struct Figures {
    std::atomic<std::uint64_t> waiting_readings{0};  // that are to be forgotten, and wait
    std::atomic<std::int64_t> waiting_ms{0};         // how long they still do; 0: nothing waits
  };
  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  using Steady = std::chrono::steady_clock;

  void run();
  void say(const std::string& what, bool grave = false) const;
  void say_clock(const KnownTime::Look& look);
  void begin_keeping();
  void note();
  [[nodiscard]] Timestamp keep_from(SeriesId series, Timestamp now) const;
  [[nodiscard]] bool leaps(const Keeping::Cut& cut) const;
  // Whether what the retention does not keep at `now` may go.
  Result<bool> may_forget(Timestamp now);
  void announce(Timestamp now, const history::Weight& weight);
  void count_down();
  Result<void> forget(Timestamp now);

  const catalogue::Catalogue& catalogue_;
  history::History& history_;
  KnownTime& time_;
  const ServiceState& state_;
  const KeeperOptions options_;
  Figures figures_;

  std::mutex expire_mutex_;             // one at a time; guards what follows
  std::map<Duration, Timestamp> done_;  // by length: up to where all of that length was forgotten
  Keeping keeping_;                     // but for `known`
  Steady::time_point counted_ = Steady::now();
  bool changed_ = false;      // keeping_, since it was noted
  bool note_failed_ = false;  // said already
  Steady::time_point noted_;
  ClockState said_ = ClockState::right;
  bool began_ = false;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  bool due_ = false;  // the clock has become right
  std::thread thread_;
};

}  // namespace temperature::pipeline
