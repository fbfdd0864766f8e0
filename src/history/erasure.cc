#include "history/erasure.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/time.h"
#include "history/audit_store.h"
#include "history/extent.h"
#include "history/rocks_view.h"
#include "summary/steps.h"
#include "summary/summary.h"

namespace temperature::history {
namespace {

// Where the newest sample goes, the one before the stretch is the newest. Its oldest stays: it is a bound.
void shrink(const RocksStore& store, RocksView& view, const SeriesExtent& extent, const Tombstone& tombstone,
            rocksdb::WriteBatch& batch) {
  if (!tombstone.covers(extent.newest.timestamp)) return;
  SeriesExtent left = extent;
  const auto before = view.last_at(extent.series, tombstone.from - kTick);
  if (before && !*before) {
    batch.Delete(store.extents(), series_key(extent.series));
    return;
  }
  left.exact = before.has_value();
  left.newest = before ? **before : Sample{tombstone.from - kTick, 0};
  batch.Put(store.extents(), series_key(extent.series), encode_extent(left));
}

}  // namespace

Result<std::optional<SeriesExtent>> extent_of(const RocksStore& store, SeriesId series) {
  std::string bytes;
  const rocksdb::Status status = store.db().Get({}, store.extents(), series_key(series), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return store.error(status, "read the history");
  auto extent = decode_extent(series, bytes);
  if (!extent) return failure(ErrorCode::history_failed, "an extent of the history cannot be decoded");
  return extent;
}

Result<Erased> erase_samples(const RocksStore& store, SeriesId series, const Tombstone& tombstone, Tally* tally) {
  Erased erased;
  const auto extent = extent_of(store, series);
  if (!extent) return std::unexpected(extent.error());
  if (!*extent) return erased;  // nothing is stored
  const Reaches::Reach reach = store.reaches.of(series);
  const Timestamp from = std::max(tombstone.from, reach.oldest);
  const Timestamp to = std::min(tombstone.to, tick_after(reach.newest));
  RocksView view(store);
  rocksdb::WriteBatch batch;
  if (from < to) {
    summary::Summary summary;
    erased.counted = view.fold(series, Steps::whole(from, to), std::span(&summary, 1)).has_value();
    erased.samples = summary.count;
    std::string piece;
    append_tombstone(piece, tombstone);
    for (const Span span : kSpans) {
      const std::int64_t last = number_of(span, to - kTick);
      for (std::int64_t number = number_of(span, from); number <= last; ++number) {
        const VolumeKey key{static_cast<std::int32_t>(number), series};
        const auto stored = view.stores(span, key);
        if (stored && !*stored) continue;  // else damage hides whether it is, and neither of what follows reads it
        const auto bytes = key.encode();
        const rocksdb::Slice slice(bytes.data(), bytes.size());
        if (begin_of(span, key.number) >= tombstone.from && end_of(span, key.number) <= tombstone.to) {
          batch.Delete(store.volumes(span), slice);
        } else {
          batch.Merge(store.volumes(span), slice, piece);
        }
      }
    }
  }
  shrink(store, view, **extent, tombstone, batch);
  if (batch.Count() == 0) return erased;
  std::optional<Tally> counted;
  if (tally != nullptr) {
    counted = *tally;
    counted->upto = series;
    counted->readings += erased.samples;
    counted->complete = counted->complete && erased.counted;
    put_tally(store, *counted, batch);
  }
  if (auto put = store.put(batch, /*sync=*/false); !put) return std::unexpected(std::move(put.error()));
  if (counted) *tally = *counted;
  return erased;
}

}  // namespace temperature::history
