#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "history/chunk.h"
#include "history/history.h"
#include "model/reading.h"
#include "summary/steps.h"
#include "summary/summary.h"

// A volume: what is stored of a series' readings in one stretch of time, as chunks that stand one behind the other.
// Each flush adds a piece of some chunks; merges make one piece of several. Chunks of different pieces may overlap; of
// samples with the same timestamp that of the older piece stays.
namespace temperature::history {

// Appends a piece: the samples in as few chunks as possible. Rising timestamps.
void append_piece(std::string& out, std::span<const Sample> samples);

// The pieces of a series in a stretch of time, to be read. Not thread-safe.
class Volume {
 public:
  // Takes the chunks of a piece that is younger than those added before; its bytes must stay where they are.
  // Error history_failed: damaged; what stands from the damage on is left in `piece`.
  Result<void> add(std::string_view& piece);
  void clear();
  [[nodiscard]] bool empty() const { return chunks_.empty(); }

  // As those of HistoryView, over this volume.
  Result<void> read(Timestamp from, Timestamp to, std::vector<Sample>& out);
  Result<void> fold(const Steps& steps, std::span<summary::Summary> summaries);
  // The gap ends at the volume's samples, and at the bounds given at the latest: beyond them other volumes have
  // samples.
  Result<Found> find(Timestamp timestamp, Timestamp begin, Timestamp end);
  Result<std::optional<Sample>> last_at(Timestamp at);

  [[nodiscard]] std::uint64_t decoded() const { return decoded_; }

  struct Chunk {
    ChunkView view;
    std::uint32_t age;  // 0: of the oldest piece
  };
  // Chunks that overlap, from the first to behind the last of them, in order of age where they begin together.
  struct Group {
    std::size_t begin;
    std::size_t end;
    Timestamp first;
    Timestamp last;
    std::uint64_t count;  // of samples, repeats included
  };
  // In order of time.
  std::span<const Group> groups();
  [[nodiscard]] std::span<const Chunk> chunks(const Group& group) const {
    return std::span(chunks_).subspan(group.begin, group.end - group.begin);
  }
  // The samples of a group, in order, each moment once. Valid until the next call or add().
  Result<std::span<const Sample>> samples(const Group& group);

 private:
  Result<void> fold_frames(const Group& group, const Steps& steps, std::span<summary::Summary> summaries);
  static void fold_samples(std::span<const Sample> samples, const Steps& steps, std::span<summary::Summary> summaries);

  std::vector<Chunk> chunks_;
  std::vector<Group> groups_;
  std::vector<Sample> samples_;               // of the group that was decoded last
  std::optional<std::size_t> decoded_group_;  // by its first chunk
  std::uint32_t pieces_ = 0;
  std::uint64_t decoded_ = 0;
};

}  // namespace temperature::history
