#include "summary/summary.h"

#include <cmath>
#include <cstdlib>

namespace temperature::summary {
namespace {

constexpr int kWholeBits = 62;            // of a whole number that a value is scaled to
constexpr double kMagnitudeMax = 0x1p32;  // so that a million of them can be added
constexpr std::size_t kSamplesMax = 1U << 20U;

// The sum of values that are whole multiples of 2^-scale, below 2^62 of them: `sum` stays as it is and false comes back
// when one is not.
bool add_wholes(std::span<const Sample> samples, int scale, ExactSum& sum) {
  const double units = std::ldexp(1.0, scale);
  int128 wholes = 0;
  bool exact = true;
  for (const Sample& sample : samples) {
    const double scaled = sample.value * units;
    const auto whole = static_cast<std::int64_t>(scaled);
    exact = exact && static_cast<double>(whole) == scaled;
    wholes += whole;
  }
  if (exact)
    sum.add_fixed(static_cast<int128>(static_cast<uint128>(wholes) << static_cast<unsigned>(-kFixedExponent - scale)));
  return exact;
}

}  // namespace

// Values that follow each other are mostly alike: as whole numbers of a common unit they add up quickly.
void Summary::add_ordered(std::span<const Sample> samples) {
  if (samples.empty()) return;
  add_ends(samples.front().timestamp, samples.front().value, samples.back().timestamp, samples.back().value);
  double least = samples.front().value;
  double greatest = least;
  for (const Sample& sample : samples) {
    least = std::min(least, sample.value);
    greatest = std::max(greatest, sample.value);
  }
  count += samples.size();
  min = std::min(min, least);
  max = std::max(max, greatest);
  first = std::min(first, samples.front().timestamp);
  last = std::max(last, samples.back().timestamp);
  const double magnitude = std::max(std::abs(least), std::abs(greatest));
  if (magnitude < kMagnitudeMax && samples.size() <= kSamplesMax) {
    const int scale = magnitude == 0 ? 0 : std::min(kWholeBits - 1 - std::ilogb(magnitude), -kFixedExponent);
    if (add_wholes(samples, scale, sum)) return;
  }
  for (const Sample& sample : samples) sum.add(sample.value);
}

}  // namespace temperature::summary
