#include "history/replacement.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/sizes.h"
#include "base/time.h"
#include "history/chunk_limits.h"
#include "history/erasure.h"
#include "history/extent.h"
#include "history/rocks_view.h"
#include "history/tombstone.h"
#include "history/volume.h"

namespace temperature::history {
namespace {

constexpr std::size_t kReplacedAtOnceBytes = 256 * limits::kKiB;
// With more of them in a volume it is worth while to look which lie next to each other there.
constexpr std::size_t kSinglyMax = 16;

using SampleSpan = std::span<const Sample>;

// The samples in front that lie in the same volume of this span.
SampleSpan of_one_volume(Span span, SampleSpan samples) {
  const std::int32_t number = number_of(span, samples.front().timestamp);
  const auto next = std::ranges::partition_point(
      samples, [&](const Sample& sample) { return number_of(span, sample.timestamp) == number; });
  return samples.first(static_cast<std::size_t>(next - samples.begin()));
}

class Replacement {
 public:
  Replacement(RocksStore& store, SeriesId series, Span usual)
      : store_(store), view_(store), series_(series), usual_(usual) {}

  Result<void> widen_extent(SampleSpan samples) {
    auto stored = extent_of(store_, series_);
    if (!stored) return std::unexpected(std::move(stored.error()));
    const SeriesExtent mine{series_, samples.front().timestamp, samples.back()};
    SeriesExtent extent = stored->value_or(mine);
    grow(extent, mine);
    const auto newest = std::ranges::lower_bound(samples, extent.newest.timestamp, {}, &Sample::timestamp);
    if (newest != samples.end() && newest->timestamp == extent.newest.timestamp) {
      extent.newest = *newest;
      extent.exact = true;
    }
    store_.reaches.widen(series_, {mine.oldest, mine.newest.timestamp});
    batch_.Put(store_.extents(), series_key(series_), encode_extent(extent));
    return {};
  }

  // The samples lie in one month. Behind each tombstone, in whichever volumes the place is stored, the sample stands in
  // one of them.
  Result<void> add_month(SampleSpan samples) {
    const VolumeKey month{number_of(Span::month, samples.front().timestamp), series_};
    const bool of_month = may_store(Span::month, month);
    std::string tombstones;  // of the month's volume
    std::string chunks;
    while (!samples.empty()) {
      const SampleSpan mine = of_one_volume(Span::day, samples);
      samples = samples.subspan(mine.size());
      const VolumeKey day{number_of(Span::day, mine.front().timestamp), series_};
      const bool of_day = may_store(Span::day, day);
      const std::vector<Tombstone> stretches = of_day || of_month ? stretches_of(mine) : std::vector<Tombstone>();
      if (of_month) append(tombstones, stretches);
      if (of_day || (!of_month && usual_ == Span::day)) {
        std::string piece;
        if (of_day) append(piece, stretches);
        append_piece(piece, mine);
        merge(Span::day, day, piece);
      } else {
        append_piece(chunks, mine);
      }
      store_.figures.chunks_written.fetch_add((mine.size() - 1) / limits::kChunkReadingsMax + 1,
                                              std::memory_order_relaxed);
    }
    if (!tombstones.empty() || !chunks.empty()) merge(Span::month, month, tombstones + chunks);
    return {};
  }

  [[nodiscard]] bool large() const { return batch_.GetDataSize() >= kReplacedAtOnceBytes; }
  Result<void> write() { return batch_.Count() == 0 ? Result<void>() : store_.put(batch_, /*sync=*/false); }

 private:
  // Damage may hide whether it does: a piece for nothing costs little.
  bool may_store(Span span, const VolumeKey& key) { return view_.stores(span, key).value_or(true); }

  static void append(std::string& out, const std::vector<Tombstone>& stretches) {
    for (const Tombstone& stretch : stretches) append_tombstone(out, stretch);
  }

  void merge(Span span, VolumeKey key, const std::string& piece) {
    const auto bytes = key.encode();
    batch_.Merge(store_.volumes(span), {bytes.data(), bytes.size()}, piece);
  }

  // Stretches with all of these places, and nothing else that is stored.
  std::vector<Tombstone> stretches_of(SampleSpan samples) {
    std::vector<Sample> stored;
    const bool known = samples.size() > kSinglyMax &&
                       view_
                           .read(series_, samples.front().timestamp, tick_after(samples.back().timestamp),
                                 std::numeric_limits<std::size_t>::max(), stored)
                           .has_value();
    std::vector<Tombstone> stretches;
    auto at = stored.begin();
    for (const Sample& sample : samples) {
      bool joins = known && !stretches.empty();
      for (; at != stored.end() && at->timestamp <= sample.timestamp; ++at)
        joins = joins && at->timestamp == sample.timestamp;
      if (joins) {
        stretches.back().to = tick_after(sample.timestamp);
      } else {
        stretches.push_back({sample.timestamp, tick_after(sample.timestamp)});
      }
    }
    return stretches;
  }

  RocksStore& store_;
  RocksView view_;
  const SeriesId series_;
  const Span usual_;
  rocksdb::WriteBatch batch_;
};

}  // namespace

Result<void> replace_samples(RocksStore& store, SeriesId series, SampleSpan samples, Span usual) {
  if (samples.empty()) return {};
  Replacement replacement(store, series, usual);
  if (auto widened = replacement.widen_extent(samples); !widened) return widened;
  while (!samples.empty()) {
    const SampleSpan month = of_one_volume(Span::month, samples);
    if (auto added = replacement.add_month(month); !added) return added;
    samples = samples.subspan(month.size());
    if (!replacement.large()) continue;
    if (auto written = replacement.write(); !written) return written;
  }
  return replacement.write();
}

}  // namespace temperature::history
