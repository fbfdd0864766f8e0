#include "history/volume_merge.h"

#include <rocksdb/merge_operator.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "history/chunk_limits.h"
#include "history/tombstone.h"
#include "history/volume.h"

namespace temperature::history {
namespace {

// Goes through a volume's groups in order of time and writes the merged piece.
class Merge {
 public:
  Merge(Volume& volume, Thoroughness thoroughness)
      : volume_(volume),
        small_(thoroughness == Thoroughness::thorough ? limits::kChunkReadingsMax : limits::kChunkSmallReadings) {}

  void take(const Volume::Group& group) {
    const auto chunks = volume_.chunks(group);
    const bool small = group.count < small_;
    if (chunks.size() == 1 && !small && !group.cut) {
      write_waiting();
      copy(chunks);
      return;
    }
    if (waiting_count_ + group.count > limits::kChunkReadingsMax) write_waiting();
    waiting_.push_back(group);
    waiting_count_ += group.count;
    if (!small) write_waiting();
  }

  Merged finish(std::string_view undecodable, Below below) {
    write_waiting();
    if (!volume_.cuts().empty() && (below == Below::pieces || !before_tombstones_.empty())) {
      std::string front = std::move(before_tombstones_);
      append_tombstones(front);
      merged_.piece.insert(0, front);
    }
    merged_.piece += undecodable;
    return std::move(merged_);
  }

 private:
  void copy(std::span<const Volume::Chunk> chunks) {
    for (const Volume::Chunk& chunk : chunks) merged_.piece += chunk.view.bytes();
  }

  // Each stretch once, in order of time.
  void append_tombstones(std::string& out) const {
    std::vector<Tombstone> stretches;
    for (const Volume::Cut& cut : volume_.cuts()) stretches.push_back(cut.tombstone);
    std::ranges::sort(stretches, {}, &Tombstone::from);
    Tombstone whole = stretches.front();
    for (const Tombstone& stretch : stretches) {
      if (stretch.from > whole.to) append_tombstone(out, std::exchange(whole, stretch));
      whole.to = std::max(whole.to, stretch.to);
    }
    append_tombstone(out, whole);
  }

  // What cannot be decoded stays as it is, and in front of the tombstones of which it has samples.
  void copy_damaged(const Volume::Group& group) {
    for (const Volume::Chunk& chunk : volume_.chunks(group)) {
      (chunk.cut ? before_tombstones_ : merged_.piece) += chunk.view.bytes();
    }
  }

  // Writes the groups that wait as one run of samples; as they are when they need no writing, or cannot be decoded.
  void write_waiting() {
    const bool alone = waiting_.size() == 1 && volume_.chunks(waiting_.front()).size() == 1 && !waiting_.front().cut;
    bool decoded = !alone;
    samples_.clear();
    for (const Volume::Group& group : waiting_) {
      if (!decoded) break;
      const auto mine = volume_.samples(group);
      decoded = mine.has_value();
      if (decoded) samples_.insert(samples_.end(), mine->begin(), mine->end());
    }
    if (decoded) {
      if (samples_.empty()) {  // tombstones took all of them, if there were any
        waiting_.clear();
        waiting_count_ = 0;
        return;
      }
      append_piece(merged_.piece, samples_);
      merged_.chunks_written += (samples_.size() - 1) / limits::kChunkReadingsMax + 1;
    } else {
      for (const Volume::Group& group : waiting_) copy_damaged(group);
    }
    waiting_.clear();
    waiting_count_ = 0;
  }

  Volume& volume_;
  const std::size_t small_;
  Merged merged_;
  std::string before_tombstones_;
  std::vector<Volume::Group> waiting_;
  std::uint64_t waiting_count_ = 0;
  std::vector<Sample> samples_;
};

class VolumeMerge final : public rocksdb::MergeOperator {
 public:
  VolumeMerge(const std::atomic<Thoroughness>& thoroughness, std::atomic<std::uint64_t>& chunks_merged,
              std::atomic<std::uint64_t>& volumes_emptied)
      : thoroughness_(thoroughness), chunks_merged_(chunks_merged), volumes_emptied_(volumes_emptied) {}

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    std::vector<std::string_view> pieces;
    if (in.existing_value != nullptr) pieces.emplace_back(in.existing_value->data(), in.existing_value->size());
    for (const rocksdb::Slice& operand : in.operand_list) pieces.emplace_back(operand.data(), operand.size());
    if (pieces.size() == 1 && in.existing_value == nullptr && !begins_with_tombstone(pieces.front())) {
      out->existing_operand = in.operand_list.front();
      return true;
    }
    out->new_value = merge(pieces, Below::nothing);
    if (out->new_value.empty()) volumes_emptied_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands, std::string* merged,
                         rocksdb::Logger*) const override {
    std::vector<std::string_view> pieces;
    for (const rocksdb::Slice& operand : operands) pieces.emplace_back(operand.data(), operand.size());
    *merged = merge(pieces, Below::pieces);
    return true;
  }

  [[nodiscard]] const char* Name() const override { return "temperature-service.volume"; }

 private:
  std::string merge(std::span<const std::string_view> pieces, Below below) const {
    Merged merged = merge_pieces(pieces, thoroughness_.load(std::memory_order_relaxed), below);
    chunks_merged_.fetch_add(merged.chunks_written, std::memory_order_relaxed);
    return std::move(merged.piece);
  }

  const std::atomic<Thoroughness>& thoroughness_;
  std::atomic<std::uint64_t>& chunks_merged_;
  std::atomic<std::uint64_t>& volumes_emptied_;
};

}  // namespace

Merged merge_pieces(std::span<const std::string_view> pieces, Thoroughness thoroughness, Below below) {
  Volume volume;
  std::string undecodable;
  for (std::string_view piece : pieces) {
    if (!volume.add(piece)) undecodable += piece;
  }
  Merge merge(volume, thoroughness);
  for (const Volume::Group& group : volume.groups()) merge.take(group);
  return merge.finish(undecodable, below);
}

std::shared_ptr<rocksdb::MergeOperator> make_volume_merge(const std::atomic<Thoroughness>& thoroughness,
                                                          std::atomic<std::uint64_t>& chunks_merged,
                                                          std::atomic<std::uint64_t>& volumes_emptied) {
  return std::make_shared<VolumeMerge>(thoroughness, chunks_merged, volumes_emptied);
}

}  // namespace temperature::history
