#include "summary/exact_sum.h"

#include <cmath>

#include "base/check.h"

namespace temperature::summary {
namespace {

int leading_zeros(uint128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(value));
}

}  // namespace

double ExactSum::mean(std::uint64_t count) const {
  CHECK(count > 0);
  Superaccumulator::Magnitude sum;
  if (wide_) {
    Superaccumulator all = *wide_;
    all.add(fixed_, kFixedExponent);
    sum = all.magnitude();
  } else {
    sum.negative = fixed_ < 0;
    const auto fixed = static_cast<uint128>(fixed_);
    const uint128 magnitude = sum.negative ? -fixed : fixed;
    const int zeros = magnitude == 0 ? 0 : leading_zeros(magnitude);
    sum.top = magnitude << static_cast<unsigned>(zeros);
    sum.exponent = kFixedExponent - zeros;
  }
  if (sum.top == 0) return 0.0;

  // The quotient has 64 bits or more; those past the highest 64 and the remainder become one sticky
  // bit, so that the conversion to double rounds as if it saw them all.
  const uint128 quotient = sum.top / count;
  bool rest = sum.rest || quotient * count != sum.top;
  const auto cut = static_cast<unsigned>(64 - leading_zeros(quotient));
  auto highest = static_cast<std::uint64_t>(quotient >> cut);
  rest = rest || (quotient & ((static_cast<uint128>(1) << cut) - 1)) != 0;
  if (rest) highest |= 1U;
  const double mean = std::ldexp(static_cast<double>(highest), sum.exponent + static_cast<int>(cut));
  return sum.negative ? -mean : mean;
}

}  // namespace temperature::summary
