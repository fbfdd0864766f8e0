#include "summary/deviation.h"

#include <algorithm>
#include <cmath>

namespace temperature::summary {
namespace {

constexpr int kExponentMin = -1000;  // a scale of 2^1000 is still a double

}  // namespace

Deviation::Deviation(const Tally& all) {
  if (all.count == 0) return;
  if (!std::isfinite(all.max - all.min)) shrink_ = 0.5;
  centre_ = all.sum.mean(all.count) * shrink_;
  const double spread = all.max * shrink_ - all.min * shrink_;
  if (spread > 0) scale_ = std::ldexp(1.0, -(std::max(std::ilogb(spread), kExponentMin) + 1));
}

double Deviation::value() const {
  if (count_ == 0 || scale_ == 0) return 0;
  const auto count = static_cast<double>(count_);
  const double squares = static_cast<double>(squares_) + static_cast<double>(rests_) / kUnits;
  const double mean_square = squares / kUnits / count;
  const double off_centre = static_cast<double>(sum_) / kUnits / count;
  return std::sqrt(std::max(mean_square - off_centre * off_centre, 0.0)) / scale_ / shrink_;
}

}  // namespace temperature::summary
