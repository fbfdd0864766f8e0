#pragma once

#include <cstdint>

#include "summary/int128.h"
#include "summary/summary.h"

namespace temperature::summary {

// The population standard deviation of a set of readings, which are read a second time for it: the first time told
// their mean and how far they spread. Squares are added as whole numbers, so that their order cannot show.
// Accurate to some 1e-15 of the result; a spread far below 2^-1000 counts as none.
class Deviation {
 public:
  // `all`: of the same readings.
  explicit Deviation(const Tally& all);

  void add(double value) {
    const double distance = (value * shrink_ - centre_) * scale_;  // within -1..1
    const double square = distance * distance * kUnits;
    const auto whole = static_cast<std::int64_t>(square);
    sum_ += static_cast<std::int64_t>(distance * kUnits);
    squares_ += whole;
    rests_ += static_cast<std::int64_t>((square - static_cast<double>(whole)) * kUnits);
    ++count_;
  }

  [[nodiscard]] double value() const;

 private:
  static constexpr double kUnits = 0x1p62;

  double shrink_ = 1;  // a half where the spread would be too large for a double
  double centre_ = 0;
  double scale_ = 0;
  int128 sum_ = 0;  // of the distances: the centre was rounded
  int128 squares_ = 0;
  int128 rests_ = 0;  // of the squares, in units of their units
  std::uint64_t count_ = 0;
};

}  // namespace temperature::summary
