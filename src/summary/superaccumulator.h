#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "summary/int128.h"

namespace temperature::summary {

// The exact sum of any finite doubles, in any order: a fixed-point number wide enough for all of
// them, as 64-bit digits of 32 bits each so that carries may wait.
// After R. M. Neal, "Fast exact summation using small and large superaccumulators" (arXiv:1505.05571).
class Superaccumulator {
 public:
  void add(double value);

  // Adds `units` x 2^`exponent`, -1074 <= exponent <= 0.
  void add(int128 units, int exponent);

  void add(const Superaccumulator& other);

  // The sum's magnitude as `top` x 2^`exponent`, top's highest bit set unless the sum is zero;
  // `rest` tells that bits below `top` were cut off.
  struct Magnitude {
    bool negative = false;
    uint128 top = 0;
    int exponent = 0;
    bool rest = false;
  };
  [[nodiscard]] Magnitude magnitude() const;

 private:
  static constexpr std::size_t kDigits = 72;  // 2,098 bits of a double's range, and room for 2^64 summands
  static constexpr int kExponentMin = -1074;
  static constexpr std::uint32_t kAddsBetweenCarries = 1U << 29U;

  void carry();

  std::array<std::int64_t, kDigits> digits_{};
  std::uint32_t adds_ = 0;
};

}  // namespace temperature::summary
