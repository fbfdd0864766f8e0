#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>

#include "summary/int128.h"
#include "summary/superaccumulator.h"

namespace temperature::summary {

// A value or a sum in units of 2^-72. Sums of such numbers are exact, so the order in which readings
// arrive cannot show in an answer, and a part may be added in one step.
inline constexpr int kFixedExponent = -72;

// What a sensor sends fits: |value| < 2^32, and no bit below 2^-72 (always so from 2^-20 upwards).
// False when `value` does not fit; its summands are then kept one by one and added with
// ExactSum::add(). `value` must be finite.
inline bool to_fixed(double value, int128& fixed) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int biased = static_cast<int>((bits >> 52U) & 0x7ffU);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52U) - 1);
  const std::uint64_t mantissa = biased == 0 ? fraction : fraction | (std::uint64_t{1} << 52U);
  const int shift = biased - 1075 - kFixedExponent;  // (subnormals never fit, but for zero)
  int128 magnitude = 0;
  if (shift >= 0) {
    if (biased >= 1023 + 32) return false;
    magnitude = static_cast<int128>(mantissa) << shift;
  } else if (mantissa != 0) {
    if (shift <= -64 || (mantissa & ((std::uint64_t{1} << static_cast<unsigned>(-shift)) - 1)) != 0) return false;
    magnitude = static_cast<int128>(mantissa >> static_cast<unsigned>(-shift));
  }
  fixed = (bits >> 63U) != 0 ? -magnitude : magnitude;
  return true;
}

// The same in units of 2^-52, for a quicker sum: most values below 2^11 are whole in them.
inline constexpr int kSmallExponent = -52;
inline bool to_small(double value, std::int64_t& small) {
  if (!(std::abs(value) < 0x1p11)) return false;
  const double scaled = value * 0x1p52;  // exact
  small = static_cast<std::int64_t>(scaled);
  return static_cast<double>(small) == scaled;
}

// The exact sum of any number of finite doubles. Not thread-safe.
class ExactSum {
 public:
  ExactSum() = default;
  // A sum kept in units of 2^-72.
  explicit ExactSum(int128 fixed) : fixed_(fixed) {}

  void add(double value) {
    int128 fixed = 0;
    if (to_fixed(value, fixed)) [[likely]] {
      add_fixed(fixed);
    } else {
      wide().add(value);
    }
  }

  // Adds a sum kept in units of 2^-72.
  void add_fixed(int128 fixed) {
    int128 sum = 0;
    if (__builtin_add_overflow(fixed_, fixed, &sum)) [[unlikely]] {
      wide().add(fixed_, kFixedExponent);
      sum = fixed;
    }
    fixed_ = sum;
  }

  void add(const ExactSum& other) {
    add_fixed(other.fixed_);
    if (other.wide_) [[unlikely]] {
      wide().add(*other.wide_);
    }
  }

  // The sum in units of 2^-72; nullopt when it was not kept so all along.
  [[nodiscard]] std::optional<int128> fixed() const { return wide_ ? std::nullopt : std::optional(fixed_); }

  // The sum divided by `count` (> 0), rounded once to the nearest double.
  [[nodiscard]] double mean(std::uint64_t count) const;

 private:
  Superaccumulator& wide() {
    if (!wide_) wide_ = std::make_unique<Superaccumulator>();
    return *wide_;
  }

  int128 fixed_ = 0;
  std::unique_ptr<Superaccumulator> wide_;  // summands that do not fit; rare
};

}  // namespace temperature::summary
