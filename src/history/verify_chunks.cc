#include "history/verify_chunks.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "history/piece_list.h"
#include "history/tombstone.h"
#include "history/volume.h"

namespace temperature::history {
namespace {

// Whether a frame says of these readings what they say themselves.
bool says_the_same(const Frame& frame, std::span<const Sample> samples) {
  const summary::Summary& said = frame.summary;
  if (samples.empty() || said.count != samples.size()) return false;
  if (said.first != samples.front().timestamp || said.last != samples.back().timestamp) return false;
  if (!frame.summarized) return true;
  summary::Summary found;
  for (const Sample& sample : samples) found.add(sample);
  return said.sum.fixed() == found.sum.fixed() && said.min == found.min && said.max == found.max &&
         said.first_value == samples.front().value && said.last_value == samples.back().value;
}

}  // namespace

void VolumeInspector::tell(std::string what, Timestamp from, Timestamp to) const {
  damaged_({std::move(what), series_, from, to});
}

void VolumeInspector::inspect(Span span, VolumeKey key, std::string_view value, const SeriesExtent* extent) {
  series_ = key.series;
  begin_ = begin_of(span, key.number);
  end_ = end_of(span, key.number);
  const auto pieces = pieces_of(value);
  Volume left;  // what tombstones have left
  bool whole = true;
  for (std::string_view piece : pieces) whole = left.add(piece) && whole;
  extent_ = left.cuts().empty() ? extent : nullptr;  // it has shrunk, and the bytes are still there
  ++verified_.volumes;
  if (extent == nullptr && !(whole && left.empty())) {
    tell("the history has readings of a series whose extent is missing", begin_, end_);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0 || !pieces[i].empty()) inspect_piece(pieces[i]);  // of the first one nothing may be left
  }
}

void VolumeInspector::inspect_piece(std::string_view piece) {
  if (piece.empty()) tell("a piece of the history is empty", begin_, end_);
  std::optional<Timestamp> last;
  while (!piece.empty()) {
    if (begins_with_tombstone(piece)) {
      if (const auto tombstone = take_tombstone(piece); !tombstone) return tell(tombstone.error().detail, begin_, end_);
      ++verified_.tombstones;
      last.reset();
      continue;
    }
    const auto chunk = ChunkView::take(piece);
    if (!chunk) return tell(chunk.error().detail, last ? tick_after(*last) : begin_, end_);
    ++verified_.chunks;
    if (last && chunk->first() <= *last)
      tell("chunks of the history are out of order", chunk->first(), tick_after(*last));
    last = chunk->last();
    inspect_chunk(*chunk);
  }
}

void VolumeInspector::inspect_chunk(const ChunkView& chunk) {
  const Timestamp from = chunk.first();
  const Timestamp to = tick_after(chunk.last());
  if (from < begin_ || chunk.last() >= end_) tell("a chunk of the history lies in the wrong stretch of time", from, to);
  if (extent_ != nullptr && (from < extent_->oldest || chunk.last() > extent_->newest.timestamp)) {
    tell("a chunk of the history reaches beyond its series' extent", from, to);
  }
  samples_.clear();
  if (auto decoded = chunk.decode(samples_); !decoded) return tell(std::move(decoded.error().detail), from, to);
  verified_.readings += samples_.size();
  std::size_t in_frames = 0;
  bool right = true;
  chunk.for_each_frame([&](const Frame& frame) {
    const auto begin = std::ranges::lower_bound(samples_, frame.from, {}, &Sample::timestamp);
    const auto end = std::ranges::lower_bound(begin, samples_.end(), frame.to, {}, &Sample::timestamp);
    in_frames += frame.summary.count;
    right = right && says_the_same(frame, {begin, end});
  });
  if (!right || in_frames != samples_.size()) {
    tell("a chunk's summaries do not say what its readings say", from, to);
  }
}

}  // namespace temperature::history
