#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "reports/envelope_sender.h"
#include "reports/event.h"
#include "reports/rate_limits.h"
#include "reports/repeats.h"

namespace temperature::limits {

// Reports that wait to be sent; a further one is dropped.
inline constexpr std::size_t kReportsWaitingMax = 32;
// Milliseconds before a report that could not be sent is tried again, doubled each time.
inline constexpr std::chrono::milliseconds kReportBackoffFirst{1'000};
// Milliseconds before it is, at most.
inline constexpr std::chrono::milliseconds kReportBackoffMax{300'000};

}  // namespace temperature::limits

namespace temperature::reports {

// What became of reports. Thread-safe.
struct ReportFigures {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> repeated{0};      // the same was reported just before
  std::atomic<std::uint64_t> queue_full{0};    // nobody took those before it in time
  std::atomic<std::uint64_t> rate_limited{0};  // the server wants no more for now
  std::atomic<std::uint64_t> refused{0};       // by the server, for another reason
  std::atomic<std::uint64_t> unsent{0};        // when the process ended
};

struct ReporterOptions {
  Origin origin;
  // Told when reports cannot be sent, once until they can again, and then. On the reporter's thread.
  std::function<void(const std::string& message, const std::string& reason)> say;
  std::chrono::milliseconds backoff_first = limits::kReportBackoffFirst;
};

// Sends reports on a thread of its own: nobody waits for it. What cannot be sent is tried again, later and later; while
// the server wants none, errors are dropped, as it asks for, and crashes wait. Thread-safe.
class Reporter {
 public:
  // What is to be done with the record of a crash.
  enum class Kept : std::uint8_t { no, yes };  // yes: it may be taken by another start
  using Done = std::function<void(Kept)>;

  // `figures` outlives it.
  Reporter(ReporterOptions options, std::unique_ptr<EnvelopeSender> sender, ReportFigures& figures);
  ~Reporter();  // as finish(0)
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  // Takes no longer than to put it into a queue. Throws nothing: without memory it is dropped as if the queue were
  // full.
  void report(Event event) noexcept;
  // The same of a crash; `done` is told on the reporter's thread when the server took or refused it, and is not when it
  // was not sent.
  void report(Event event, Done done) noexcept;

  // Tries what waits once more, for so long at most, and ends. Idempotent.
  void finish(std::chrono::milliseconds at_most);

 private:
  struct Waiting {
    Event event;
    Done done;
  };

  void put(Waiting waiting);
  void run();
  // While the server wants none, errors that wait are dropped.
  void drop_limited(std::chrono::steady_clock::time_point now);
  // Sends it: true when that is over, and false when it is to be tried again.
  bool try_one(const Waiting& waiting);
  void note_trouble(const std::string& reason);
  void note_works();
  std::chrono::milliseconds next_backoff();

  const ReporterOptions options_;
  const std::unique_ptr<EnvelopeSender> sender_;
  ReportFigures& figures_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;                               // guarded by mutex_
  Repeats repeats_;                                           // guarded by mutex_
  std::optional<std::chrono::steady_clock::time_point> end_;  // guarded by mutex_; when to end
  // Of the thread.
  RateLimits limits_;
  std::uint32_t failed_ = 0;  // tries, one after the other
  bool troubled_ = false;
  std::thread thread_;
};

}  // namespace temperature::reports
