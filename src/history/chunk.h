#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "history/chunk_frames.h"
#include "model/reading.h"
#include "summary/summary.h"

// A chunk: many readings of one series, sorted by time, as bytes; and what an average needs to know of
// them, frame by frame, in front, so that most questions need not decode it. docs/formats/chunk.md draws it.
// Lossless for any double, to the bit, and any moment. Reading is total: any bytes give a result.
namespace temperature::history {

inline constexpr std::uint8_t kChunkVersion = 1;

// Appends one chunk. `samples`: 1..limits::kChunkReadingsMax, rising timestamps.
void append_chunk(std::string& out, std::span<const Sample> samples);

// One chunk's bytes, read where they are: they must stay. Copyable, any thread.
class ChunkView {
 public:
  // Takes the chunk that `bytes` begin with off their front. Checks the head, not the body.
  // Errors: history_failed when they begin with no whole chunk, a damaged one or one of another version; then
  // `bytes` stay as they are.
  static Result<ChunkView> take(std::string_view& bytes);

  [[nodiscard]] std::size_t count() const { return basis_.count; }
  [[nodiscard]] Timestamp first() const { return basis_.first; }
  [[nodiscard]] Timestamp last() const { return basis_.last; }
  // The whole chunk.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

  // What is known without decoding. frames() reads the frames from the first one on.
  [[nodiscard]] std::size_t frame_count() const { return frames_.count(); }
  [[nodiscard]] FrameReader frames() const { return frames_; }
  template <class Visit>
  void for_each_frame(Visit visit) const {
    FrameReader frames = frames_;
    for (Frame frame; frames.next(frame);) visit(frame);
  }
  // Of all readings; nullopt when a frame is not summarized.
  [[nodiscard]] std::optional<summary::Summary> summary() const;

  // Appends all samples, or none.
  // Errors: history_failed when the body is damaged.
  Result<void> decode(std::vector<Sample>& out) const;

 private:
  ChunkView(const FrameBasis& basis, const FrameReader& frames) : basis_(basis), frames_(frames) {}

  std::string_view bytes_;
  std::string_view body_;
  std::optional<std::uint32_t> body_checksum_;  // nullopt: the head's covers the body
  std::optional<std::uint64_t> step_;           // between all readings, when it is one
  FrameBasis basis_;
  FrameReader frames_;
};

}  // namespace temperature::history
