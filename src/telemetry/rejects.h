#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "telemetry/log.h"

namespace temperature::limits {

// Refused lines and readings that can be looked at; the oldest is forgotten for a new one.
inline constexpr std::size_t kRejectsKept = 1'000;
// Bytes kept of what is said about each of them; the rest is cut off.
inline constexpr std::size_t kRejectDetailBytesMax = 1'024;
// Seconds between two refused lines or readings that the log names; those between are only counted.
inline constexpr std::chrono::seconds kRejectLogged{30};

}  // namespace temperature::limits

namespace temperature::telemetry {

// What was refused of what somebody sent, so that it can be found out why: the newest limits::kRejectsKept. Now and
// then one is named in the log. Thread-safe.
class Rejects {
 public:
  struct Reject {
    Timestamp at;
    std::string_view door;    // the address that it was sent to; static text
    std::string sender;       // the credential's name
    std::uint64_t place = 0;  // in the body: the line, or the reading, from 1; 0: the body as a whole
    Error error;
    std::string text;  // as it was sent, shortened to limits::kRejectTextBytesMax
  };

  // Both must outlive it.
  Rejects(const Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  void add(std::string_view door, std::string_view sender, std::uint64_t place, Error error, std::string_view text);

  // The newest first, at most `limit` of them.
  [[nodiscard]] std::vector<Reject> newest(std::size_t limit) const;
  // Where it says so, for whoever says something of the kind that has no place here.
  [[nodiscard]] const Log& log() const { return log_; }

  // Since the start; only those that were named in an answer.
  [[nodiscard]] std::uint64_t count() const;

 private:
  const Log& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Reject> kept_;  // the newest last
  std::uint64_t count_ = 0;
  std::uint64_t logged_count_ = 0;
  Timestamp log_after_ = kTimestampMin;
};

}  // namespace temperature::telemetry
