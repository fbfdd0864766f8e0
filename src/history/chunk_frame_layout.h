#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "history/chunk_values.h"
#include "summary/exact_sum.h"
#include "summary/int128.h"

// What those who write frames and those who read them agree upon. docs/formats/chunk.md draws it.
namespace temperature::history {

// What is kept of each frame.
enum FrameField : std::uint8_t {
  kSkipped,     // frames without readings before it
  kCount,       // readings
  kFirst,       // ms from the frame's begin to the first reading
  kLast,        // ms from the last reading to the frame's last moment
  kMin,         // whole numbers from here on: above the lowest of the chunk,
  kFirstValue,  // above the minimum,
  kLastValue,
  kMax,
  kSum,   // of the differences from the minimum
  kRest,  // what the exact sum of the doubles differs by from what the whole numbers' sum foretells
  kFrameFields
};

// How the values of a frame are kept: as whole numbers, as doubles, or not at all.
enum class FrameMode : std::uint8_t { whole, full, none, mixed };

// What the frames of a chunk have in common.
struct FrameLayout {
  // A field is base + unit x what a row has of it, unless that is all ones and ones escape: then what
  // it would be stands apart, so that a frame unlike the others does not make all rows wide.
  struct Column {
    std::uint64_t base = 0;
    std::uint64_t unit = 1;
    std::uint64_t all_ones = 0;
    unsigned width = 0;
    bool ones_escape = false;
  };
  std::int64_t length_ms = 0;  // 0: one frame
  FrameMode mode = FrameMode::none;
  unsigned zeros = 0;       // low bits that are 0 in every exact sum
  std::int64_t lowest = 0;  // the lowest whole number of the chunk
  std::array<Column, kFrameFields> columns;
};

// How long frames are, by their code; the first stands for one frame, of no length.
inline constexpr std::array<std::int64_t, 8> kFrameLengthsMs{
    0, 60'000, 5 * 60'000, 15 * 60'000, 3'600'000, 6 * 3'600'000, 24 * 3'600'000, std::int64_t{7} * 24 * 3'600'000};
inline constexpr unsigned kZerosMax = 90;
inline constexpr unsigned kModeShift = 3;
inline constexpr unsigned kModeBits = 2;
inline constexpr std::uint8_t kOnesEscape = 0x80;

inline std::int64_t floor_divide(std::int64_t ms, std::int64_t length) {
  return ms / length - (ms % length < 0 ? 1 : 0);
}

// Times are often whole seconds.
inline bool has_unit(FrameField field) {
  return field == kFirst || field == kLast;
}

inline bool has_wholes(const FrameLayout& layout) {
  return layout.mode == FrameMode::whole || layout.mode == FrameMode::mixed;
}

// Which fields are kept, and whether their column has a width: a single frame's has none.
inline bool field_kept(const FrameLayout& layout, std::size_t field) {
  if (field < kMin) return layout.length_ms != 0;
  return has_wholes(layout) && (field != kMin || layout.length_ms != 0);
}

// 2^72 / 10^digits is about `factor` x 2^-shift.
struct FrameScale {
  std::uint64_t factor = 0;
  int shift = 0;
};
inline constexpr auto kFrameScales = [] {
  std::array<FrameScale, ValueCode::kDigitsMax + 1> scales{};
  summary::uint128 rest = summary::uint128{1} << 127U;
  for (FrameScale& scale : scales) {
    int cut = 0;
    while ((rest >> cut) >> 64U != 0) ++cut;
    scale = {static_cast<std::uint64_t>(rest >> cut), 127 + summary::kFixedExponent - cut};
    rest /= 10;
  }
  return scales;
}();

// About what values whose whole numbers add up to `sum` add up to, in units of 2^(zeros - 72).
inline summary::int128 foretold(std::int64_t sum, const FrameScale& scale, unsigned zeros) {
  return (static_cast<summary::int128>(sum) * static_cast<summary::int128>(scale.factor)) >>
         (scale.shift + static_cast<int>(zeros));
}

inline bool scale_fits(const FrameScale& scale, unsigned zeros) {
  const int shift = scale.shift + static_cast<int>(zeros);
  return zeros <= kZerosMax && shift >= 0 && shift < 128;
}

// A full frame begins with a byte that says which of its values are the same.
enum Same : std::uint8_t { kMaxIsMin = 1, kFirstIsMin = 2, kFirstIsMax = 4, kLastIsMin = 8, kLastIsMax = 16 };

}  // namespace temperature::history
