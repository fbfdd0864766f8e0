#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/trace_context.h"
#include "telemetry/log.h"
#include "telemetry/reject_counts.h"

namespace temperature::limits {

// Refused lines and readings that can be looked at; the oldest is forgotten for a new one.
inline constexpr std::size_t kRejectsKept = 1'000;
// Bytes kept of what is said about each of them; the rest is cut off.
inline constexpr std::size_t kRejectDetailBytesMax = 1'024;
// Seconds between two refused lines or readings that the log names; those between are only counted.
inline constexpr std::chrono::seconds kRejectLogged{30};

}  // namespace temperature::limits

namespace temperature::telemetry {

// What became of something that was sent and is not kept.
enum class RejectKind : std::uint8_t {
  refused,      // it is faulty, or its sender may not write it
  conflict,     // another value is stored for its series and timestamp
  passed_over,  // a field that is no reading
};
inline constexpr std::array<std::string_view, 3> kRejectKinds{"refused", "conflict", "passed_over"};
constexpr std::string_view name_of(RejectKind kind) {
  return kRejectKinds[std::to_underlying(kind)];
}

// The code of each conflict; refusals have their error's.
inline constexpr std::string_view kConflictCode = "conflict";

// Whose reading it was, as far as that is known; what is not is empty.
struct RejectNames {
  std::string building = {};
  std::string room = {};
  std::string sensor = {};
  std::string quantity = {};
};

// What was refused of what somebody sent, so that it can be found out why: the newest limits::kRejectsKept of each
// kind, and counts of all. Now and then one of each kind is named in the log. Thread-safe.
class Rejects {
 public:
  // Both values, in the quantity's unit.
  struct Contradicted {
    Timestamp timestamp;
    double stored = 0;
    double refused = 0;
  };
  struct Reject {
    RejectKind kind = RejectKind::refused;
    Timestamp at = kTimestampMin;
    std::string_view door = {};  // the address that it was sent to; static text
    std::string sender = {};     // the credential's name
    std::uint64_t place = 0;     // in the body: the line, or the reading, from 1; 0: the body as a whole
    std::string_view code = {};  // static text
    std::string detail = {};     // shortened to limits::kRejectDetailBytesMax
    std::string text = {};       // as it was sent, shortened to limits::kRejectTextBytesMax
    RejectNames names = {};
    std::optional<Contradicted> contradicted = {};  // of a conflict
    std::string field = {};                         // of one that was passed over: its key
    std::uint64_t count = 1;                        // of one that was passed over: how often
    TraceIds trace = {};                            // of the request; none when it is not known
  };

  // Both must outlive it.
  Rejects(const Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  // A refusal.
  void add(std::string_view door, std::string_view sender, std::uint64_t place, Error error, std::string_view text,
           RejectNames names = {}, const TraceIds& trace = {});
  // `reject.at` is set here.
  void add(Reject reject);
  // Rejects of one kind, code and name that are counted and not named.
  void count(const Reject& like, std::uint64_t rejects);

  // The newest of that kind first, at most `limit` of them.
  [[nodiscard]] std::vector<Reject> newest(RejectKind kind, std::size_t limit) const;
  // Since the start; only those that newest() has, or had.
  [[nodiscard]] std::uint64_t count(RejectKind kind) const;
  // Since the start, all of them.
  [[nodiscard]] std::vector<RejectGroup> counts() const;
  // Conflicts since the start, by door.
  [[nodiscard]] std::map<std::string_view, std::uint64_t> conflicts_by_door() const;

  [[nodiscard]] Timestamp now() const { return clock_.now(); }
  // Where it says so, for whoever says something of the kind that has no place here.
  [[nodiscard]] const Log& log() const { return log_; }

 private:
  struct OfKind {
    std::deque<Reject> kept;  // the newest last
    std::uint64_t count = 0;
    std::uint64_t logged_count = 0;
    Timestamp log_after = kTimestampMin;
  };
  void count_locked(const Reject& like, std::uint64_t rejects);
  void name_in_log(const Reject& named, std::uint64_t unnamed) const;

  const Log& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::array<OfKind, kRejectKinds.size()> kinds_;
  RejectCounts counts_;
  std::map<std::string_view, std::uint64_t> conflicts_by_door_;  // few: doors are ours
};

// By what a reject is counted.
RejectKey key_of(const Rejects::Reject& reject);

}  // namespace temperature::telemetry
