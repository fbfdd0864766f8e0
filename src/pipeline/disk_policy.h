#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"

namespace temperature::limits {

// Minutes between two looks that are kept, to tell how fast the disk fills.
inline constexpr Duration kDiskRateStep = std::chrono::minutes(10);
// Hours that the looks kept go back; how fast the disk fills is taken from them.
inline constexpr Duration kDiskRateSpan = std::chrono::hours(24);
// Hours of looks below which nothing is said about how fast the disk fills.
inline constexpr Duration kDiskRateFrom = std::chrono::hours(1);
// Days until the disk is full below which the log warns.
inline constexpr double kDiskNearDays = 3;

}  // namespace temperature::limits

namespace temperature::pipeline {

// Decides from the free space, looked at again and again, whether writes are taken and what is said about it. Pure: no
// clock, no disk. Writes are refused below `min_free` bytes and taken again from an eighth more on, so that the service
// does not flutter at the edge. 0: always taken.
class DiskPolicy {
 public:
  explicit DiskPolicy(std::uint64_t min_free) : min_free_(min_free) {}

  enum class Event : std::uint8_t {
    begun,   // the first look
    daily,   // a day has passed
    near,    // writes will be refused within limits::kDiskNearDays: said when it comes so near, and daily then
    closed,  // writes are refused from now on
    opened,  // and taken again
  };

  // What there is to say after this look, if anything. Moments do not go backwards.
  std::optional<Event> look(Timestamp now, std::uint64_t free);

  [[nodiscard]] bool closed() const { return closed_; }

  // In how many days writes will be refused, at the rate of the last day. nullopt when the space does not shrink, or
  // was not watched for limits::kDiskRateFrom yet.
  [[nodiscard]] std::optional<double> days_left() const;

 private:
  struct Look {
    Timestamp when;
    std::uint64_t free;
  };

  std::uint64_t min_free_;
  bool closed_ = false;
  bool near_ = false;
  std::deque<Look> looks_;  // of the last day, limits::kDiskRateStep apart; then the latest
  Timestamp said_ = kTimestampMin;
};

}  // namespace temperature::pipeline
