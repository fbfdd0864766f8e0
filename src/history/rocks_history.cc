#include "history/rocks_history.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>

#include "base/bytes.h"
#include "base/check.h"
#include "base/folder.h"
#include "base/sizes.h"
#include "base/thread.h"
#include "base/time.h"
#include "catalogue/definition_codec.h"
#include "history/audit_store.h"
#include "history/chunk_limits.h"
#include "history/erasure.h"
#include "history/expiry.h"
#include "history/extent.h"
#include "history/former_blocks.h"
#include "history/replacement.h"
#include "history/rocks_purges.h"
#include "history/rocks_store.h"
#include "history/rocks_view.h"
#include "history/volume.h"

namespace temperature::history {
namespace {

constexpr std::size_t kWriteBatchBytes = 256 * limits::kKiB;
constexpr std::size_t kReadingsBetweenOthers = 4'096;

// A sensor that speaks less often than this has volumes of a month.
constexpr Duration kSeldom = std::chrono::seconds(50);

constexpr std::string_view kSafe = "safe position";
constexpr std::string_view kDefinitions = "definitions";

std::string number(std::uint64_t value) {
  std::string bytes;
  ByteWriter(bytes).fixed(value);
  return bytes;
}

// Big-endian, so that the log's entries sort by their number.
std::string definition_key(std::uint64_t index) {
  return number(__builtin_bswap64(index));
}

}  // namespace

struct RocksHistory::Parts {
  std::unique_ptr<RocksStore> store;
  std::unique_ptr<RocksPurges> purges;
  std::atomic<std::uint64_t> safe{0};
  std::atomic<std::uint64_t> definitions{0};
  std::atomic<bool> may_settle{true};
  std::mutex head_mutex;  // guards what follows
  audit::Head head;

  // The writer's own.
  std::map<Position, audit::Entry> noted;  // for the next commit
  std::vector<Span> spans;                 // that each series was written in last
  std::string piece;
  bool unsettled = true;

  // The span that suits how often the series speaks; a run of one reading does not tell.
  Span span_of(SeriesId series, std::span<const Sample> samples) {
    if (series.value() >= spans.size()) spans.resize(series.value() + std::size_t{1}, Span::month);
    Span& span = spans[series.value()];
    if (samples.size() > 1) {
      const auto steps = static_cast<std::int64_t>(samples.size() - 1);
      const std::uint64_t length_ms = static_cast<std::uint64_t>(to_ms(samples.back().timestamp)) -
                                      static_cast<std::uint64_t>(to_ms(samples.front().timestamp));
      span = length_ms / static_cast<std::uint64_t>(steps) < static_cast<std::uint64_t>(kSeldom.count()) ? Span::day
                                                                                                         : Span::month;
    }
    return span;
  }
};

RocksHistory::RocksHistory(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksHistory::~RocksHistory() = default;

Result<std::unique_ptr<RocksHistory>> RocksHistory::open(const RocksHistoryOptions& options) {
  auto store = RocksStore::open(options.path, options.env, options.log);
  if (!store) return std::unexpected(std::move(store.error()));
  auto parts = std::make_unique<Parts>();
  parts->store = std::move(*store);
  std::unique_ptr<RocksHistory> history(new RocksHistory(std::move(parts)));
  if (auto loaded = history->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  if (auto read = history->read_former_blocks(); !read) return std::unexpected(std::move(read.error()));
  return history;
}

Result<std::unique_ptr<RocksHistory>> RocksHistory::open_to_look(const std::filesystem::path& folder) {
  auto store = RocksStore::open_to_look(folder);
  if (!store) return std::unexpected(std::move(store.error()));
  auto parts = std::make_unique<Parts>();
  parts->store = std::move(*store);
  std::unique_ptr<RocksHistory> history(new RocksHistory(std::move(parts)));
  if (auto loaded = history->load_numbers(); !loaded) return std::unexpected(std::move(loaded.error()));
  return history;
}

Result<void> RocksHistory::load() {
  if (auto numbers = load_numbers(); !numbers) return numbers;
  const auto head = find_audit_head(*parts_->store);
  if (!head) return std::unexpected(head.error());
  parts_->head = head->value_or(audit::Head());
  parts_->purges = std::make_unique<RocksPurges>(*parts_->store);
  if (auto loaded = parts_->purges->load(); !loaded) return loaded;
  return read_extents([this](const SeriesExtent& extent) {
    parts_->store->reaches.widen(extent.series, {extent.oldest, extent.newest.timestamp});
  });
}

Result<void> RocksHistory::load_numbers() {
  Parts& parts = *parts_;
  const RocksStore& store = *parts.store;
  const auto get = [&store](std::string_view key, std::uint64_t& value) -> rocksdb::Status {
    std::string bytes;
    rocksdb::Status status = store.db().Get({}, store.numbers(), slice_of(key), &bytes);
    if (status.IsNotFound()) return rocksdb::Status::OK();
    if (status.ok()) value = ByteReader(bytes).fixed<std::uint64_t>();
    return status;
  };
  std::uint64_t safe = 0;
  std::uint64_t definitions = 0;
  for (const auto& status : {get(kSafe, safe), get(kDefinitions, definitions)}) {
    if (!status.ok()) return store.error(status, "open the history");
  }
  parts.safe.store(safe);
  parts.definitions.store(definitions);
  return {};
}

// The former format had the same numbers, extents and definitions, and blocks in the place of volumes.
Result<void> RocksHistory::read_former_blocks() {
  RocksStore& store = *parts_->store;
  if (store.former_blocks() == nullptr) return {};
  auto read = for_each_former_run(store, [this](const Run& run) { return write(std::span(&run, 1)); });
  // The sync makes what was read over durable before its source goes.
  if (read) read = commit(safe_position(), definitions_stored(), {});
  return read ? store.drop_former_blocks() : read;
}

Result<void> RocksHistory::write(std::span<const Run> runs) {
  Parts& parts = *parts_;
  RocksStore& store = *parts.store;
  rocksdb::WriteBatch batch;
  std::size_t since_others = 0;  // readings since others had their turn
  for (const auto& [series, samples] : runs) {
    if (samples.empty()) continue;
    const SeriesExtent extent{series, samples.front().timestamp, samples.back()};
    // Before anybody can see the samples: a view must not find them at one moment and miss them at another.
    store.reaches.widen(series, {extent.oldest, extent.newest.timestamp});
    batch.Merge(store.extents(), series_key(series), encode_extent(extent));
    const Span span = parts.span_of(series, samples);
    std::span<const Sample> rest(samples);
    while (!rest.empty()) {
      const VolumeKey key{number_of(span, rest.front().timestamp), series};
      const auto next = std::ranges::partition_point(
          rest, [&](const Sample& sample) { return number_of(span, sample.timestamp) == key.number; });
      const auto count = static_cast<std::size_t>(next - rest.begin());
      parts.piece.clear();
      append_piece(parts.piece, rest.first(count));
      store.figures.chunks_written.fetch_add((count - 1) / limits::kChunkReadingsMax + 1, std::memory_order_relaxed);
      const auto key_bytes = key.encode();
      batch.Merge(store.volumes(span), {key_bytes.data(), key_bytes.size()}, parts.piece);
      rest = rest.subspan(count);
      if ((since_others += count) >= kReadingsBetweenOthers) {
        make_way();
        since_others = 0;
      }
      if (batch.GetDataSize() < kWriteBatchBytes) continue;
      if (auto put = store.put(batch, /*sync=*/false); !put) return put;
    }
  }
  parts.unsettled = true;
  return batch.Count() == 0 ? Result<void>() : store.put(batch, /*sync=*/false);
}

Result<Erased> RocksHistory::erase(SeriesId series, Timestamp from, Timestamp to, Tally* tally) {
  parts_->unsettled = true;
  return erase_samples(*parts_->store, series, {from, to}, tally);
}

Result<std::optional<Tally>> RocksHistory::tally(Position position) const {
  return find_tally(*parts_->store, position);
}

Result<void> RocksHistory::put_tally(const Tally& tally) {
  rocksdb::WriteBatch batch;
  history::put_tally(*parts_->store, tally, batch);
  return parts_->store->put(batch, /*sync=*/false);
}

void RocksHistory::note(audit::Entry entry) {
  const Position position = entry.position;
  parts_->noted.insert_or_assign(position, std::move(entry));
}

audit::Head RocksHistory::audit_head() const {
  const std::lock_guard lock(parts_->head_mutex);
  return parts_->head;
}

Result<void> RocksHistory::read_audit(
    Position after, const std::function<bool(Position position, std::string_view bytes)>& take) const {
  return history::read_audit(*parts_->store, after, take);
}

Result<void> RocksHistory::replace(SeriesId series, std::span<const Sample> samples) {
  Parts& parts = *parts_;
  parts.unsettled = true;
  const bool known = series.value() < parts.spans.size();
  return replace_samples(*parts.store, series, samples, known ? parts.spans[series.value()] : Span::day);
}

Result<void> RocksHistory::commit(Position safe, std::uint64_t definitions_from,
                                  std::span<const catalogue::Definition> definitions) {
  Parts& parts = *parts_;
  RocksStore& store = *parts.store;
  CHECK(definitions_from == parts.definitions.load());
  rocksdb::WriteBatch batch;
  std::uint64_t index = definitions_from;
  for (const catalogue::Definition& definition : definitions) {
    std::string bytes;
    ByteWriter out(bytes);
    catalogue::encode_definition(out, definition);
    batch.Put(store.definitions(), definition_key(index++), bytes);
  }
  batch.Put(store.numbers(), slice_of(kSafe), number(safe.value()));
  batch.Put(store.numbers(), slice_of(kDefinitions), number(index));
  audit::Head head = audit_head();
  append_audit(store, parts.noted, head, batch);
  // Syncing this write syncs the pieces that were written before it to the same log.
  if (auto put = store.put(batch, /*sync=*/true); !put) return put;
  parts.definitions.store(index);
  parts.safe.store(safe.value());
  parts.noted.clear();
  const std::lock_guard lock(parts.head_mutex);
  parts.head = head;
  return {};
}

Position RocksHistory::safe_position() const {
  return Position(parts_->safe.load());
}
std::uint64_t RocksHistory::definitions_stored() const {
  return parts_->definitions.load();
}

Result<void> RocksHistory::read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) {
  const RocksStore& store = *parts_->store;
  const std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator({}, store.definitions()));
  std::uint64_t index = 0;
  for (at->SeekToFirst(); at->Valid(); at->Next(), ++index) {
    ByteReader in(view_of(at->value()));
    catalogue::Definition definition;
    if (at->key() != rocksdb::Slice(definition_key(index)) || !catalogue::decode_definition(in, definition)) {
      return failure(
          ErrorCode::history_failed,
          fmt::format("the history's definition {} is missing or damaged (path={})", index, store.path().string()));
    }
    if (auto taken = take(definition); !taken) return taken;
  }
  if (!at->status().ok()) return store.error(at->status(), "read the history");
  if (index != parts_->definitions.load()) {
    return failure(ErrorCode::history_failed, fmt::format("the history's definitions end at {} of {} (path={})", index,
                                                          parts_->definitions.load(), store.path().string()));
  }
  return {};
}

Result<void> RocksHistory::read_extents(const std::function<void(const SeriesExtent&)>& take) {
  const RocksStore& store = *parts_->store;
  const std::unique_ptr<rocksdb::Iterator> at(store.db().NewIterator({}, store.extents()));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto series = decode_series_key(view_of(at->key()));
    const auto extent = series ? decode_extent(*series, view_of(at->value())) : std::nullopt;
    if (!extent) return failure(ErrorCode::history_failed, "an extent of the history cannot be decoded");
    take(*extent);
  }
  if (!at->status().ok()) return store.error(at->status(), "read the history");
  return {};
}

std::unique_ptr<HistoryView> RocksHistory::view() const {
  return std::make_unique<RocksView>(*parts_->store);
}

// What lies in RocksDB's log and in its upper levels goes down into files that do not overlap.
Result<void> RocksHistory::settle() {
  Parts& parts = *parts_;
  RocksStore& store = *parts.store;
  store.leave_damage_alone();
  if (!std::exchange(parts.unsettled, false)) return {};
  const std::vector<rocksdb::ColumnFamilyHandle*> families{store.numbers(), store.extents(), store.definitions(),
                                                           store.volumes(Span::day), store.volumes(Span::month)};
  rocksdb::Status status = store.db().Flush({}, families);
  store.thoroughness.store(Thoroughness::thorough, std::memory_order_relaxed);
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kSkip;
  options.canceled = nullptr;
  for (auto* family : families) {
    if (status.ok() && parts.may_settle.load() && !store.damaged(*family))
      status = store.db().CompactRange(options, family, nullptr, nullptr);
  }
  store.thoroughness.store(Thoroughness::quick, std::memory_order_relaxed);
  if (status.ok() || status.IsManualCompactionPaused()) return {};
  store.leave_damage_alone();
  parts.unsettled = true;
  return store.error(status, "put the history's pieces together");
}

void RocksHistory::stop_settling() {
  parts_->may_settle.store(false);
  parts_->store->db().DisableManualCompaction();
}

Result<void> RocksHistory::expire(Timestamp after, Timestamp upto,
                                  const std::function<Timestamp(SeriesId)>& keep_from) {
  for (const Span span : kSpans) {
    auto expired = expire_volumes(*parts_->store, span, {after, upto, keep_from}, parts_->may_settle);
    if (!expired) return expired;
  }
  return {};
}

Result<Weight> RocksHistory::weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const {
  Weight weight;
  bool readable = true;
  for (const Span span : kSpans) {
    const auto read =
        weigh_old_volumes(*parts_->store, span, {kTimestampMin, upto, keep_from}, weight, parts_->may_settle);
    if (!read) return std::unexpected(read.error());
    readable = readable && *read;
  }
  if (!readable) {  // nobody knows how much that is
    weight.readings = std::max<std::uint64_t>(weight.readings, 1);
    weight.all = weight.readings;
    return weight;
  }
  for (const Span span : kSpans) {
    const auto read = weigh_other_volumes(*parts_->store, span, upto, weight, parts_->may_settle);
    if (!read) return std::unexpected(read.error());
  }
  return weight;
}

Purges& RocksHistory::purges() {
  return *parts_->purges;
}

std::uint64_t RocksHistory::bytes_on_disk() const {
  return bytes_of_files(parts_->store->path());
}

const HistoryFigures& RocksHistory::figures() const {
  return parts_->store->figures;
}

rocksdb::DB& RocksHistory::db() const {
  return parts_->store->db();
}

const RocksStore& RocksHistory::store() const {
  return *parts_->store;
}

}  // namespace temperature::history
