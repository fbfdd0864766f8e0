#pragma once

#include <chrono>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "model/ids.h"
#include "model/retention.h"
#include "window/windows.h"

namespace temperature::limits {

// Seconds between two counts of all names that a full limit asks for, at least; in between it refuses without.
inline constexpr std::chrono::seconds kBetweenNameCounts{1};
// Minutes after which a name whose first reading has not come is looked at; when it has not come by the next such look,
// the name has left.
inline constexpr std::chrono::minutes kArrivalMax{10};

}  // namespace temperature::limits

namespace temperature::pipeline {

// Tells the catalogue which names have readings: those of which the windows know one that the retention keeps. That is
// the same after any recovery, so nothing of it is stored. A series that has none has left: it counts under no limit
// until a reading for it comes again. Thread-safe; never called by the journal's thread.
class LiveNames {
 public:
  // All outlive it.
  LiveNames(catalogue::Catalogue& catalogue, window::Windows& windows, const Retention& retention, const Clock& clock)
      : catalogue_(catalogue), windows_(windows), retention_(retention), clock_(clock) {}

  // Counts all names. The first time nobody may write yet.
  void count();
  // Of one window: a deletion has emptied it.
  void count(WindowId id);
  // For somebody whom a limit refuses: true when all names were counted since the call, by this or another one; false
  // when somebody has asked so within limits::kBetweenNameCounts.
  bool count_for_room();

 private:
  using Steady = std::chrono::steady_clock;

  void count_all();
  void look(WindowId id, catalogue::Catalogue::Arrivals arrivals);
  [[nodiscard]] bool has_kept(const window::Windows::NewestTime& newest, Timestamp keep_from) const;

  catalogue::Catalogue& catalogue_;
  window::Windows& windows_;
  const Retention& retention_;
  const Clock& clock_;

  std::mutex mutex_;  // guards what follows
  bool began_ = false;
  Steady::time_point arrivals_looked_at_;
  Steady::time_point begun_;       // the last count of all
  Steady::time_point not_before_;  // the next one that a limit asks for

  // Scratch.
  std::vector<window::Windows::NewestTime> newest_;
  std::vector<bool> has_readings_;
  std::vector<SeriesId> left_;
  std::vector<SeriesId> back_;
};

}  // namespace temperature::pipeline
