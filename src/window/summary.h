#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/time.h"
#include "model/reading.h"
#include "window/exact_sum.h"

namespace temperature::window {

// What an average needs to know of a set of readings.
struct Summary {
  std::uint64_t count = 0;
  ExactSum sum;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  Timestamp first = kTimestampMax;
  Timestamp last = kTimestampMin;

  void add(Sample sample) {
    ++count;
    sum.add(sample.value);
    min = std::min(min, sample.value);
    max = std::max(max, sample.value);
    first = std::min(first, sample.timestamp);
    last = std::max(last, sample.timestamp);
  }
};

}  // namespace temperature::window
