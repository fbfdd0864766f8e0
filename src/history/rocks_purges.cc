#include "history/rocks_purges.h"

#include <rocksdb/options.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "history/volume_key.h"
#include "rocks/stale_files.h"

namespace temperature::history {
namespace {

constexpr std::string_view kPurgeKey = "purge ";

// Behind the word the deletion's position, big-endian.
std::string key_of(Position deletion) {
  std::string key(kPurgeKey);
  ByteWriter(key).fixed(__builtin_bswap64(deletion.value()));
  return key;
}

std::optional<PurgeNote> decode(std::string_view key, std::string_view value) {
  ByteReader name(key.substr(kPurgeKey.size()));
  ByteReader in(value);
  PurgeNote note{.deletion = Position(__builtin_bswap64(name.fixed<std::uint64_t>())),
                 .from = timestamp_from_ms(in.fixed<std::int64_t>()),
                 .to = timestamp_from_ms(in.fixed<std::int64_t>())};
  if (!name.ok() || name.left() != 0 || !in.ok() || in.left() != 0) return std::nullopt;
  return note;
}

}  // namespace

Result<void> RocksPurges::load() {
  const std::unique_ptr<rocksdb::Iterator> at(store_.db().NewIterator({}, store_.numbers()));
  const std::lock_guard lock(mutex_);
  for (at->Seek(slice_of(kPurgeKey)); at->Valid() && at->key().starts_with(slice_of(kPurgeKey)); at->Next()) {
    const auto note = decode(view_of(at->key()), view_of(at->value()));
    if (!note) return failure(ErrorCode::history_failed, "a note of the history about a purge cannot be decoded");
    notes_.push_back(*note);
  }
  if (!at->status().ok()) return store_.error(at->status(), "read the history");
  return {};
}

Result<void> RocksPurges::note(const PurgeNote& note) {
  std::string value;
  ByteWriter out(value);
  out.fixed(to_ms(note.from));
  out.fixed(to_ms(note.to));
  rocksdb::WriteBatch batch;
  batch.Put(store_.numbers(), key_of(note.deletion), value);
  if (auto put = store_.put(batch, /*sync=*/false); !put) return put;
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(note);
  return {};
}

std::vector<PurgeNote> RocksPurges::list() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

// A merge leaves what a view that was made before the tombstones still sees.
bool RocksPurges::old_views() const {
  std::uint64_t oldest = 0;
  store_.db().GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest);
  return oldest != 0 && oldest < begun_at_;
}

Result<bool> RocksPurges::work(Position upto) {
  if (begun_ < upto) {
    begun_at_ = store_.db().GetLatestSequenceNumber();
    begun_ = upto;
  }
  if (compacted_ < upto) {
    if (old_views()) return false;
    const auto compacted = compact(upto);
    if (!compacted || !*compacted) return compacted;
    stale_ = rocks::stale_files(store_.db(), store_.path());
    compacted_ = upto;
  }
  return rocks::have_gone(store_.db(), store_.path(), stale_);
}

// Extents have a reading each, the newest. A merge that leaves nothing of a volume leaves its key, which the next one
// drops.
Result<bool> RocksPurges::compact(Position upto) const {
  Timestamp from = kTimestampMax;
  Timestamp to = kTimestampMin;
  for (const PurgeNote& note : list()) {
    if (note.deletion > upto) break;
    from = std::min(from, note.from);
    to = std::max(to, note.to);
  }
  store_.leave_damage_alone();
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const std::uint64_t emptied = store_.figures.volumes_emptied.load();
  rocksdb::Status status = store_.db().Flush({}, {store_.numbers(), store_.extents(), store_.definitions(),
                                                  store_.volumes(Span::day), store_.volumes(Span::month)});
  if (status.ok()) status = store_.db().CompactRange(options, store_.extents(), nullptr, nullptr);
  for (int pass = 0; pass < 2 && status.ok(); ++pass) {
    if (pass > 0 && store_.figures.volumes_emptied.load() == emptied) break;
    for (const Span span : kSpans) {
      if (from >= to || !status.ok()) break;
      const auto first = VolumeKey{number_of(span, from), SeriesId(0)}.encode();
      const auto last = VolumeKey{number_of(span, to - kTick), SeriesId(UINT32_MAX)}.encode();
      const rocksdb::Slice begin(first.data(), first.size());
      const rocksdb::Slice end(last.data(), last.size());
      status = store_.db().CompactRange(options, store_.volumes(span), &begin, &end);
    }
  }
  if (status.ok()) return true;
  if (status.IsManualCompactionPaused()) return false;  // the service stops
  store_.leave_damage_alone();
  return store_.error(status, "purge the history");
}

Result<void> RocksPurges::done(Position upto) {
  rocksdb::WriteBatch batch;
  const auto past = [upto](const PurgeNote& note) { return note.deletion <= upto; };
  for (const PurgeNote& note : list()) {
    if (past(note)) batch.Delete(store_.numbers(), key_of(note.deletion));
  }
  if (batch.Count() == 0) return {};
  if (auto put = store_.put(batch, /*sync=*/true); !put) return put;
  const std::lock_guard lock(mutex_);
  std::erase_if(notes_, past);
  return {};
}

}  // namespace temperature::history
