#include "summary/superaccumulator.h"

#include <bit>

namespace temperature::summary {
namespace {

constexpr std::uint64_t kDigitMask = 0xffffffffU;

}  // namespace

void Superaccumulator::add(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int biased = static_cast<int>((bits >> 52U) & 0x7ffU);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52U) - 1);
  if (biased != 0) mantissa |= std::uint64_t{1} << 52U;
  const int exponent = (biased == 0 ? 1 : biased) - 1075;
  const auto units = static_cast<int128>(mantissa);
  add((bits >> 63U) != 0 ? -units : units, exponent);
}

void Superaccumulator::add(int128 units, int exponent) {
  const bool negative = units < 0;
  uint128 magnitude = negative ? -static_cast<uint128>(units) : static_cast<uint128>(units);
  const auto offset = static_cast<unsigned>(exponent - kExponentMin);
  std::size_t digit = offset / 32;
  const unsigned shift = offset % 32;
  const auto add_digit = [&](std::uint64_t value) {
    digits_[digit++] += negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  };
  if (shift != 0) {  // the low digit by itself, so that shifting loses nothing at the top
    add_digit(static_cast<std::uint64_t>(magnitude << shift) & kDigitMask);
    magnitude >>= 32 - shift;
  }
  for (; magnitude != 0; magnitude >>= 32U) add_digit(static_cast<std::uint64_t>(magnitude) & kDigitMask);
  if (++adds_ == kAddsBetweenCarries) carry();
}

void Superaccumulator::add(const Superaccumulator& other) {
  Superaccumulator carried = other;  // a digit of 32 bits weighs no more than one of a summand
  carried.carry();
  for (std::size_t i = 0; i < kDigits; ++i) digits_[i] += carried.digits_[i];
  if (++adds_ == kAddsBetweenCarries) carry();
}

void Superaccumulator::carry() {
  adds_ = 0;
  std::int64_t over = 0;
  for (std::size_t i = 0; i + 1 < kDigits; ++i) {
    const std::int64_t sum = digits_[i] + over;
    over = sum >> 32;  // towards minus infinity: the digit left is never negative
    digits_[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) & kDigitMask);
  }
  digits_[kDigits - 1] += over;
}

Superaccumulator::Magnitude Superaccumulator::magnitude() const {
  Superaccumulator sum = *this;
  sum.carry();
  Magnitude result;
  if (sum.digits_[kDigits - 1] < 0) {
    result.negative = true;
    for (std::int64_t& digit : sum.digits_) digit = -digit;
    sum.carry();
  }
  std::size_t highest = kDigits;
  while (highest > 0 && sum.digits_[highest - 1] == 0) --highest;
  if (highest == 0) return {};

  // Five digits hold the highest 128 bits wherever they begin.
  std::size_t next = highest;
  const auto take = [&]() { return next == 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(sum.digits_[--next]); };
  int exponent = kExponentMin + static_cast<int>(highest) * 32 - 128;
  uint128 top = 0;
  for (int i = 0; i < 4; ++i) top = (top << 32U) | take();
  const std::uint64_t fifth = take();
  const auto zeros = static_cast<unsigned>(std::countl_zero(static_cast<std::uint32_t>(top >> 96U)));
  if (zeros != 0) {
    top = (top << zeros) | (fifth >> (32 - zeros));
    exponent -= static_cast<int>(zeros);
  }
  result.rest = ((fifth << zeros) & kDigitMask) != 0;
  while (next > 0 && !result.rest) result.rest = take() != 0;
  result.top = top;
  result.exponent = exponent;
  return result;
}

}  // namespace temperature::summary
