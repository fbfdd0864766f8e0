#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/reading.h"

// The values of a chunk as whole numbers, which compress. docs/formats/chunk.md draws them.
namespace temperature::history {

inline constexpr unsigned kPlacesMax = 10;  // decimals of a number as it was written
inline constexpr std::array<double, kPlacesMax + 1> kPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

// How doubles are whole numbers, in seven bits. Either they are decimals: k / 10^places, as text is read, with
// what was perhaps done to them after that. Or they are their own bits, in the order of the numbers, without the
// lowest ones when those are 0 in all of them. After ALP (A. Afroozeh, L. Kuffo, P. Boncz, "ALP: Adaptive Lossless
// floating-Point Compression", SIGMOD 2024).
class ValueCode {
 public:
  // What turned a decimal into another double than the nearest one: 66.1 / 100 is not 0.661, and 3 x 0.1 is not 0.3.
  enum Moved : std::uint8_t { kNot = 0, kDividedBy100 = 1, kTimesTenth = 2, kTimesHundredth = 3 };
  static constexpr std::array<unsigned, 4> kMovedPlaces{0, 2, 1, 2};
  static constexpr unsigned kDigitsMax = kPlacesMax + 2;

  static ValueCode decimal(unsigned places, Moved moved) {
    return ValueCode(static_cast<std::uint8_t>(places | static_cast<unsigned>(moved) << 4U));
  }
  static ValueCode own_bits(unsigned shift) { return ValueCode(static_cast<std::uint8_t>(kOwnBits | shift)); }
  static std::optional<ValueCode> from_byte(std::uint8_t byte);

  [[nodiscard]] std::uint8_t byte() const { return byte_; }
  [[nodiscard]] bool is_decimal() const { return (byte_ & kOwnBits) == 0; }
  // Decimals only: a value is about k / 10^digits().
  [[nodiscard]] unsigned digits() const { return places() + kMovedPlaces[moved()]; }

  // The value that `whole` stands for. Any number is taken.
  [[nodiscard]] double value(std::int64_t whole) const {
    if (!is_decimal()) return std::bit_cast<double>(ordered(whole, shift()) << shift());
    const double value = static_cast<double>(whole) / kPowers[places()];
    switch (moved()) {
      case kDividedBy100:
        return value / 100;
      case kTimesTenth:
        return value * 0.1;
      case kTimesHundredth:
        return value * 0.01;
      default:
        return value;
    }
  }
  // The whole number that stands for `value` to the bit, if there is one.
  [[nodiscard]] std::optional<std::int64_t> whole(double number) const {
    if (!is_decimal()) {
      const auto bits = std::bit_cast<std::int64_t>(number);
      return static_cast<std::int64_t>(ordered(bits >> shift(), shift()));
    }
    const double scaled = number * kPowers[places()] * kPowers[kMovedPlaces[moved()]];
    if (!(scaled < kWholeMax && scaled > -kWholeMax)) return std::nullopt;
    const auto found = static_cast<std::int64_t>(scaled + kRound - kRound);
    // (-0 comes back as 0, which has other bits)
    if (std::bit_cast<std::uint64_t>(value(found)) != std::bit_cast<std::uint64_t>(number)) return std::nullopt;
    return found;
  }

  void values(std::span<const std::int64_t> wholes, std::span<Sample> samples) const;

 private:
  static constexpr std::uint8_t kOwnBits = 0x40;
  static constexpr double kWholeMax = 0x1p51;  // up to here adding and subtracting kRound rounds to a whole number
  static constexpr double kRound = 0x1.8p52;

  explicit ValueCode(std::uint8_t byte) : byte_(byte) {}

  [[nodiscard]] unsigned places() const { return byte_ & 0xfU; }
  [[nodiscard]] Moved moved() const { return static_cast<Moved>((byte_ >> 4U) & 3U); }
  [[nodiscard]] unsigned shift() const { return byte_ & 0x3fU; }
  // Turns all bits but the sign of a negative number, so that larger doubles are larger numbers; and back.
  static std::uint64_t ordered(std::int64_t bits, unsigned shift) {
    const std::uint64_t below_sign = ~std::uint64_t{0} >> 1U >> shift;
    return static_cast<std::uint64_t>(bits) ^ (static_cast<std::uint64_t>(bits >> 63) & below_sign);
  }

  std::uint8_t byte_;
};

// Values as whole numbers, all but a few.
struct WholeValues {
  ValueCode code;
  std::vector<std::int64_t> wholes;       // at an exception as the one before it
  std::vector<std::uint32_t> exceptions;  // where the value is kept as it is; rising
};

// Chooses how. `samples`: 1..limits::kChunkReadingsMax.
WholeValues to_whole_values(std::span<const Sample> samples);

// Leaves other numbers in the place of values.wholes.
void append_values(std::string& out, std::span<const Sample> samples, WholeValues& values);
// Reads the values of as many samples as there is room for. False when the bytes are not what
// append_values() writes.
bool read_values(ByteReader& in, ValueCode code, std::span<Sample> samples);

}  // namespace temperature::history
