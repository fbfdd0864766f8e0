#include "history/expiry.h"

#include <rocksdb/convenience.h>

#include <memory>
#include <string>

#include "base/sizes.h"
#include "history/volume.h"

namespace temperature::history {
namespace {

constexpr std::size_t kExpiryBatchBytes = limits::kMiB;

struct Count {
  std::uint64_t readings = 0;
  std::uint64_t chunks = 0;
};

// As far as the damage, if there is one.
Count count_in(std::string_view piece) {
  Volume volume;
  static_cast<void>(volume.add(piece));
  Count count;
  for (const Volume::Group& group : volume.groups()) {
    count.readings += group.count;
    count.chunks += volume.chunks(group).size();
  }
  return count;
}

// Damaged or not, it goes.
void count_expired(const RocksStore& store, std::string_view piece) {
  const Count count = count_in(piece);
  store.figures.readings_expired.fetch_add(count.readings, std::memory_order_relaxed);
  store.figures.chunks_expired.fetch_add(count.chunks, std::memory_order_relaxed);
}

// Whether no series keeps anything before `upto`.
bool all_go(const RocksStore& store, const Expiry& expiry) {
  for (std::uint32_t series = 0; series < store.reaches.size(); ++series) {
    if (expiry.keep_from(SeriesId(series)) < expiry.upto) return false;
  }
  return true;
}

// Gives the space back now, not when RocksDB comes by.
void compact(const RocksStore& store, Span span, const std::string& first, const std::string& last) {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kSkip;
  const rocksdb::Slice begin(first);
  const rocksdb::Slice end(last);
  static_cast<void>(store.db().CompactRange(options, store.volumes(span), &begin, &end));
}

// Calls `take` with each volume's key and bytes, from those of the given number on, until it returns false.
template <class Take>
Result<bool> for_each_volume(const RocksStore& store, Span span, std::int32_t number,
                             const std::atomic<bool>& may_go_on, Take take) {
  const auto begin = VolumeKey{number, SeriesId(0)}.encode();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator(options, store.volumes(span)));
  for (at->Seek({begin.data(), begin.size()}); at->Valid() && may_go_on.load(); at->Next()) {
    const auto key = VolumeKey::decode(view_of(at->key()));
    if (!key || !take(*key, view_of(at->value()))) break;
  }
  if (at->status().IsCorruption()) return false;
  if (!at->status().ok()) return store.error(at->status(), "read the history");
  return true;
}

}  // namespace

Result<bool> weigh_old_volumes(const RocksStore& store, Span span, const Expiry& expiry, Weight& weight,
                               const std::atomic<bool>& may_go_on) {
  const auto first = number_of(span, kTimestampMin);
  return for_each_volume(store, span, first, may_go_on, [&](const VolumeKey& key, std::string_view bytes) {
    if (end_of(span, key.number) > expiry.upto) return false;
    const std::uint64_t readings = count_in(bytes).readings;
    weight.all += readings;
    if (end_of(span, key.number) <= expiry.keep_from(key.series)) weight.readings += readings;
    return true;
  });
}

Result<bool> weigh_other_volumes(const RocksStore& store, Span span, Timestamp upto, Weight& weight,
                                 const std::atomic<bool>& may_go_on) {
  const auto first = number_of(span, upto);
  return for_each_volume(store, span, first, may_go_on, [&](const VolumeKey&, std::string_view bytes) {
    if (!weight.counts()) return false;
    weight.all += count_in(bytes).readings;
    return true;
  });
}

// Keys begin with the stretch of time, so what has expired lies together.
Result<void> expire_volumes(const RocksStore& store, Span span, const Expiry& expiry,
                            const std::atomic<bool>& may_go_on) {
  rocksdb::ColumnFamilyHandle* const volumes = store.volumes(span);
  const auto begin = VolumeKey{number_of(span, expiry.after), SeriesId(0)}.encode();  // the first that ends after it
  const auto end = VolumeKey{number_of(span, expiry.upto), SeriesId(0)}.encode();
  const rocksdb::Slice from(begin.data(), begin.size());
  const rocksdb::Slice to(end.data(), end.size());
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator(options, volumes));
  rocksdb::WriteBatch batch;
  std::string first;
  std::string last;
  for (at->Seek(from); at->Valid() && may_go_on.load(); at->Next()) {
    const auto key = VolumeKey::decode(view_of(at->key()));
    if (!key || end_of(span, key->number) > expiry.upto) break;
    if (end_of(span, key->number) > expiry.keep_from(key->series)) continue;
    count_expired(store, view_of(at->value()));
    batch.Delete(volumes, at->key());
    last = at->key().ToString();
    if (first.empty()) first = last;
    if (batch.GetDataSize() < kExpiryBatchBytes) continue;
    if (auto put = store.put(batch, /*sync=*/false); !put) return put;
  }
  const rocksdb::Status read = at->status();
  at.reset();  // lets go of the files
  if (batch.Count() > 0) {
    if (auto put = store.put(batch, /*sync=*/false); !put) return put;
  }
  if (read.IsCorruption() && all_go(store, expiry)) {
    // What cannot be read goes with the files in which there is nothing that is kept.
    const auto deleted = rocksdb::DeleteFilesInRange(&store.db(), volumes, &from, &to, /*include_end=*/false);
    if (!deleted.ok()) return store.error(deleted, "forget what is old");
    return {};
  }
  if (!read.ok()) return store.error(read, "read the history");
  if (!last.empty()) compact(store, span, first, last);
  return {};
}

}  // namespace temperature::history
