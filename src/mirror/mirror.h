#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "access/registry.h"
#include "base/clock.h"
#include "history/history.h"
#include "mirror/audit_table.h"
#include "mirror/follower.h"
#include "mirror/postgres_target.h"
#include "mirror/schema.h"
#include "mirror/side_tables.h"
#include "model/retention.h"
#include "postgres/connection.h"
#include "postgres/url.h"

namespace temperature::limits {

// Ranges of time that may wait to be written to the database anew at somebody's wish; a further wish is refused.
inline constexpr std::size_t kMirrorRequestsMax = 64;

}  // namespace temperature::limits

namespace temperature::mirror {

struct MirrorOptions {
  postgres::Url url;
  std::string view_schema;
  std::string program;  // "temperature-service 1.2.3"
  Retention retention;
  SideTables::Settings settings;
  FollowerOptions follower;
  bool copies = true;  // see PostgresTarget
  // Told what happens, once a change; `grave` when it needs somebody. May be empty.
  std::function<void(const std::string& what, bool grave)> log = {};
};

// How the mirror is doing.
enum class Phase : std::uint8_t {
  starting,    // the service recovers
  connecting,  // and making tables
  copying,     // ranges of time are written, and what comes in
  following,   // what comes in is written
  waiting,     // something is in the way; it is tried again
  refused,     // the database is another's or ahead; somebody has to say what to do
  stopped,
};
std::string_view name_of(Phase phase);

struct MirrorStatus {
  Phase phase = Phase::starting;
  std::string database;        // its URL without secrets
  std::string server;          // "PostgreSQL 15.20 ..."; empty until it was asked
  std::string error;           // what is in the way, one line; empty: nothing
  std::string sqlstate;        // of it, when the database said it
  std::string last_error;      // the newest one since the start
  std::uint64_t failures = 0;  // since the start
  Position position;           // the database has, but for what is owed
  double lag_seconds = 0;
  std::uint64_t lag_readings = 0;  // of this process
  std::uint64_t lag_bytes = 0;     // of the journal
  std::uint64_t owed_ranges = 0;
  std::uint64_t rows = 0;  // written since the start
  std::uint64_t owed_rows = 0;
  std::uint64_t batches = 0;
  std::uint64_t journal_bytes = 0;  // kept for the database
};

// The copy of everything in a database, written behind the service on a thread of its own, which waits for nobody and
// for whom nobody waits.
class Mirror {
 public:
  // All outlive it.
  Mirror(MirrorOptions options, const journal::Journal& journal, pipeline::Pipeline& pipeline,
         const catalogue::Catalogue& catalogue, const history::History& history, const access::Registry& registry,
         NotTakenRows& not_taken, const Clock& clock);
  ~Mirror();  // stop()
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // Before the pipeline starts: holds the journal.
  void prepare();
  // After the pipeline has recovered, up to this record.
  void start(Position recovered);
  // Ends what is under way; the rest is the next start's. Before the pipeline stops. Idempotent.
  void stop();

  // Any thread.
  [[nodiscard]] MirrorStatus status() const;
  // Has every reading with from <= timestamp < to written anew. Error overloaded: too many such wishes wait.
  Result<void> resync(Timestamp from, Timestamp to);
  // Has the database emptied and written anew, whosever it is.
  Result<void> replace();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Request {
    bool replace = false;
    Timestamp from{};
    Timestamp to{};
  };
  struct Session;

  void run(Position recovered);
  std::chrono::milliseconds round(std::chrono::milliseconds wait);
  void serve_requests();
  void tend();
  // One round with the database; how long nothing is to be done.
  std::chrono::milliseconds work();
  Progress<std::unique_ptr<Session>> open();
  Progress<bool> advance(Session& session);
  std::chrono::milliseconds hindered(const Obstacle& obstacle);
  void say(const std::string& what, bool grave) const;
  void note(Phase phase, const Obstacle* obstacle = nullptr);
  [[nodiscard]] bool stopping() const { return stop_.load(std::memory_order_relaxed); }

  const MirrorOptions options_;
  const catalogue::Catalogue& catalogue_;
  const Clock& clock_;
  Follower follower_;
  SideTables side_tables_;
  AuditTable audit_table_;
  std::atomic<bool> stop_{false};
  std::thread thread_;

  // The thread's own.
  std::unique_ptr<Session> session_;
  TakeOver take_over_ = TakeOver::no;
  bool refused_ = false;
  std::string said_;  // the obstacle that was told; empty: none
  bool said_copying_ = false;
  std::chrono::milliseconds back_off_{0};
  Time tended_{};
  Time expired_{};
  std::minstd_rand jitter_;

  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<Request> requests_;  // guarded by mutex_, and so on
  MirrorStatus told_;
};

}  // namespace temperature::mirror
