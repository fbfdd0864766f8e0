#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.h"
#include "mirror/schema.h"
#include "postgres/connection.h"
#include "postgres/failure.h"

namespace temperature::limits {

// Hours whose continuous aggregates the database computes anew in one statement.
inline constexpr int kLateHoursAtOnce = 168;

}  // namespace temperature::limits

namespace temperature::mirror {

// Readings that are older than this when they are written, or deleted, change buckets that the database may not look at
// any more by itself: its own refresh goes back a week, which leaves six days in which it may not have run at all.
inline constexpr std::chrono::days kLateAfter{1};

// The hours of such readings in one transaction. Where there are continuous aggregates, it writes them down beside the
// readings, and refresh_late_hours() has them computed anew; elsewhere nothing is ever late. One thread at a time.
class LateHours {
 public:
  explicit LateHours(Timestamp now) : before_(now - kLateAfter) {}

  void add(Timestamp time) {
    if (time >= before_) return;
    const auto hour = std::chrono::floor<std::chrono::hours>(time);
    if (hours_.empty() || hours_.back() != hour) hours_.push_back(hour);
  }
  // Whatever there is with from <= time < to.
  void add(Timestamp from, Timestamp to) {
    if (from < before_) ranges_.emplace_back(from, std::min(to, Timestamp(before_ + std::chrono::hours(1))));
  }

  [[nodiscard]] bool empty() const { return hours_.empty() && ranges_.empty(); }

  // In the transaction that writes or deletes the readings. Does nothing without continuous aggregates.
  postgres::Outcome<void> write(postgres::Connection& connection, const Layout& layout) const;

 private:
  Timestamp before_;
  std::vector<std::chrono::sys_time<std::chrono::hours>> hours_;  // an hour may be there many times
  std::vector<std::pair<Timestamp, Timestamp>> ranges_;
};

// Has the database compute the aggregates of hours that were written down anew, the oldest first, at most a week of
// hours in a call; true: there may be more. Outside a transaction. An hour that is noted again meanwhile stays noted.
postgres::Outcome<bool> refresh_late_hours(postgres::Connection& connection, const Layout& layout);

}  // namespace temperature::mirror
