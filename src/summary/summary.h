#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "base/time.h"
#include "model/reading.h"
#include "summary/exact_sum.h"

namespace temperature::summary {

// What an average needs to know of a set of readings, whoever sent them. The order in which readings or
// whole tallies are added cannot show.
struct Tally {
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

  // Adds the readings of another set, of which this one has none.
  void add(const Tally& other) {
    count += other.count;
    sum.add(other.sum);
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

// A tally that knows the values at both ends too. Of several readings at the first moment it is the
// smallest value, of several at the last one the greatest, so that here too no order can show.
struct Summary : Tally {
  double first_value = std::numeric_limits<double>::infinity();
  double last_value = -std::numeric_limits<double>::infinity();

  void add(Sample sample) {
    add_ends(sample.timestamp, sample.value, sample.timestamp, sample.value);
    Tally::add(sample);
  }
  void add(const Summary& other) {
    add_ends(other.first, other.first_value, other.last, other.last_value);
    Tally::add(other);
  }

  // Adds many readings, in order of time: quicker than one by one.
  void add_ordered(std::span<const Sample> samples);

 private:
  void add_ends(Timestamp other_first, double other_first_value, Timestamp other_last, double other_last_value) {
    if (other_first < first || (other_first == first && other_first_value < first_value)) {
      first_value = other_first_value;
    }
    if (other_last > last || (other_last == last && other_last_value > last_value)) last_value = other_last_value;
  }
};

}  // namespace temperature::summary
