#pragma once

#include <cmath>
#include <cstdint>

namespace temperature::client {

// Chance without state: the same seed and the same thing give the same number, in whatever order one asks.
// Mixing is SplitMix64's finaliser (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
class Chance {
 public:
  explicit constexpr Chance(std::uint64_t seed) : state_(mix(seed + kGolden)) {}

  // The chance of one thing among many: a sensor, a trait, a moment.
  [[nodiscard]] constexpr Chance of(std::uint64_t thing) const {
    Chance chance(0);
    chance.state_ = mix(state_ ^ mix(thing + kGolden));
    return chance;
  }

  [[nodiscard]] constexpr std::uint64_t bits() const { return state_; }
  [[nodiscard]] constexpr bool one_in(std::uint64_t count) const { return state_ % count == 0; }

  // 0 <= x < 1.
  [[nodiscard]] constexpr double share() const { return static_cast<double>(state_ >> 11) * 0x1.0p-53; }

  // Around 0 with deviation 1, within -3.47..3.47: four uniform numbers (Irwin-Hall).
  [[nodiscard]] double normal() const {
    double sum = 0;
    for (int part = 0; part < 4; ++part) sum += static_cast<double>((state_ >> (16 * part)) & 0xFFFF) / 65'536;
    return (sum - 2) * std::sqrt(3.0);
  }

  // -1..1, smooth over time: each `period_ms` has its number, with a smooth way between them.
  [[nodiscard]] double wander(std::int64_t ms, std::int64_t period_ms) const {
    const std::int64_t step = ms / period_ms - (ms % period_ms < 0 ? 1 : 0);
    const double way = static_cast<double>(ms - step * period_ms) / static_cast<double>(period_ms);
    const double here = of(static_cast<std::uint64_t>(step)).share() * 2 - 1;
    const double there = of(static_cast<std::uint64_t>(step + 1)).share() * 2 - 1;
    return here + (there - here) * way * way * (3 - 2 * way);
  }

 private:
  static constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15;

  static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58'476D'1CE4'E5B9;
    x = (x ^ (x >> 27)) * 0x94D0'49BB'1331'11EB;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace temperature::client
