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
#include "history/tombstone.h"
#include "model/reading.h"
#include "summary/steps.h"
#include "summary/summary.h"

// A volume: what is stored of a series' readings in one stretch of time, as chunks that stand one behind the other.
// Each flush adds a piece of some chunks; merges make one piece of several. Chunks of different pieces may overlap; of
// samples with the same timestamp that of the older piece stays. A tombstone among them takes away what stands before
// it.
namespace temperature::history {

// Appends a piece: the samples in as few chunks as possible. Rising timestamps.
void append_piece(std::string& out, std::span<const Sample> samples);

// The pieces of a series in a stretch of time, to be read. Not thread-safe.
class Volume {
 public:
  // Takes the chunks of a piece that is younger than those added before; its bytes must stay where they are.
  // Error history_failed: damaged; what stands from the damage on is left in `piece`.
  Result<void> add(std::string_view& piece);
  // What is added from now on is stored under another key: tombstones among it take nothing of what was added before.
  void begin_key() { key_first_ = pieces_; }
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
    bool cut = false;   // a tombstone takes some of its samples
  };
  // Tombstones, each taking from chunks with since <= age < before.
  struct Cut {
    Tombstone tombstone;
    std::uint32_t since;
    std::uint32_t before;
  };
  [[nodiscard]] std::span<const Cut> cuts() const { return cuts_; }
  // Chunks that overlap, from the first to behind the last of them, in order of age where they begin together.
  struct Group {
    std::size_t begin;
    std::size_t end;
    Timestamp first;
    Timestamp last;
    std::uint64_t count;  // of samples, repeats included, and those that tombstones take
    bool cut;             // a tombstone takes some of them; perhaps all
  };
  // In order of time.
  std::span<const Group> groups();
  [[nodiscard]] std::span<const Chunk> chunks(const Group& group) const {
    return std::span(chunks_).subspan(group.begin, group.end - group.begin);
  }
  // The samples of a group that are left, in order, each moment once; of one that is not cut there is one. Valid until
  // the next call or add().
  Result<std::span<const Sample>> samples(const Group& group);

 private:
  void add_cut(const Tombstone& tombstone, std::uint32_t age);
  // Takes away what tombstones cover of the chunk's samples, which are the last of samples_ from `begin` on.
  void drop_cut(const Chunk& chunk, std::size_t begin);
  Result<void> fold_frames(const Group& group, const Steps& steps, std::span<summary::Summary> summaries);
  static void fold_samples(std::span<const Sample> samples, const Steps& steps, std::span<summary::Summary> summaries);

  std::vector<Chunk> chunks_;
  std::vector<Group> groups_;
  std::vector<Sample> samples_;               // of the group that was decoded last
  std::optional<std::size_t> decoded_group_;  // by its first chunk
  std::vector<Cut> cuts_;
  std::uint32_t pieces_ = 0;
  std::uint32_t key_first_ = 0;  // the first piece of the key at hand
  std::uint64_t decoded_ = 0;
};

}  // namespace temperature::history
