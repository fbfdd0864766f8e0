#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "history/bits.h"
#include "history/chunk_frame_layout.h"
#include "history/chunk_values.h"
#include "model/reading.h"
#include "summary/summary.h"

// What a chunk says of its readings, frame by frame, without their being decoded. A frame is a stretch of
// time that begins at a whole multiple of its length since 1970; frames without readings are left out. A chunk of
// few readings is one frame from its first to its last. docs/formats/chunk.md draws the bytes.
namespace temperature::history {

// A frame has this many readings on average at most, unless they come faster than that in a minute.
inline constexpr std::size_t kFrameReadingsMax = 400;
// Up to so many readings are one frame.
inline constexpr std::size_t kOneFrameReadingsMax = 256;

struct Frame {
  // The stretch from <= timestamp < to: all readings of it that the chunk has are in this frame.
  Timestamp from;
  Timestamp to;
  // False when the frame says nothing but count, first and last: its readings must be decoded. So it is where
  // the values are infinite, not a number, of 2^32 and more, or much smaller than a sensor sends.
  bool summarized = false;
  summary::Summary summary;
};

// What the frames of a chunk are relative to.
struct FrameBasis {
  std::uint64_t count = 0;
  Timestamp first;
  Timestamp last;
  ValueCode code = ValueCode::decimal(0, ValueCode::kNot);
};

// Appends the frames of 1..limits::kChunkReadingsMax samples.
void append_frames(std::string& out, std::span<const Sample> samples, const WholeValues& values);

// Reads frames one after the other, in order of time. A view: the bytes must stay. Any bytes give frames or none.
class FrameReader {
 public:
  // Takes the frames off what `in` reads. nullopt when the bytes are not what append_frames() writes.
  static std::optional<FrameReader> take(ByteReader& in, const FrameBasis& basis);

  // Frames altogether.
  [[nodiscard]] std::size_t count() const { return count_; }

  // The next frame; false when there was none.
  bool next(Frame& frame);

 private:
  explicit FrameReader(const FrameBasis& basis) : basis_(basis) {}

  using Row = std::array<std::uint64_t, kFrameFields>;

  void read_row(Row& row);
  void read_whole(summary::Summary& summary, const Row& row) const;
  bool read_full(summary::Summary& summary);

  FrameBasis basis_;
  FrameLayout layout_;
  BitReader rows_{{}};
  ByteReader escaped_{{}};
  ByteReader full_{{}};
  std::size_t count_ = 1;
  std::size_t next_ = 0;
  std::int64_t number_ = 0;  // of the next frame at the earliest, counted from 1970
};

}  // namespace temperature::history
