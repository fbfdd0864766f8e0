#pragma once

#include <optional>

#include "base/time.h"

namespace temperature::client {

// When a reading of a recording is due: the first at once, the others as far behind it as their
// timestamps are, `speed` times as fast. Readings older than the first are due at once. Pure.
class Pacing {
 public:
  // `speed` in kSpeedMin..kSpeedMax.
  Pacing(double speed, Timestamp start) : speed_(speed), start_(start) {}

  // How long after `now` the reading is due; zero or negative: already.
  Duration until_due(Timestamp reading, Timestamp now) {
    if (!first_) first_ = reading;
    const double ms = static_cast<double>((reading - *first_).count()) / speed_;
    return start_ + Duration(static_cast<std::int64_t>(ms)) - now;
  }

 private:
  double speed_;
  Timestamp start_;
  std::optional<Timestamp> first_;
};

// By how much all times of a recording move so that its last reading has the time at which it is sent: `start` when
// all go at once (no `speed`), else the recording's length later at that speed. At real time (1) the
// first reading then is of now, and at no speed is a reading ahead of its sending. REQUIRES: first <= last.
inline Duration rebase_shift(Timestamp first, Timestamp last, Timestamp start, std::optional<double> speed) {
  Timestamp end = start;
  if (speed) end += Duration(static_cast<std::int64_t>(static_cast<double>((last - first).count()) / *speed));
  return end - last;
}

}  // namespace temperature::client
