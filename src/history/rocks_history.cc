#include "history/rocks_history.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"
#include "catalogue/definition_codec.h"
#include "history/block.h"
#include "history/day_merge.h"
#include "history/extent.h"
#include "history/keys.h"
#include "history/rocks_options.h"

namespace temperature::history {
namespace {

constexpr std::size_t kBatchBytes = limits::kMiB;
constexpr Duration kTick{1};

constexpr std::string_view kSafe = "safe position";
constexpr std::string_view kDefinitions = "definitions";
constexpr std::string_view kFlush = "flush";

Timestamp after(Timestamp moment) {
  return moment == kTimestampMax ? moment : moment + kTick;
}

std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

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
  std::filesystem::path path;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // default (numbers), blocks, extents, definitions
  std::atomic<std::uint64_t> safe{0};
  std::atomic<std::uint64_t> definitions{0};
  std::uint64_t flush = 0;                           // the one being written
  std::unordered_map<SeriesId, SeriesExtent> grown;  // by the flush being written

  ~Parts() {
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* numbers() const { return families[0]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* blocks() const { return families[1]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* extents() const { return families[2]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* definition_log() const { return families[3]; }

  [[nodiscard]] std::unexpected<Error> error(const rocksdb::Status& status, std::string_view what) const {
    const bool full = status.IsNoSpace() || status.subcode() == rocksdb::Status::SubCode::kNoSpace ||
                      status.ToString().find("No space left") != std::string::npos;
    if (full) {
      return failure(ErrorCode::disk_full, fmt::format("cannot {}: the disk is full (path={})", what, path.string()));
    }
    return failure(ErrorCode::history_failed,
                   fmt::format("cannot {}: {} (path={})", what, status.ToString(), path.string()));
  }

  // After a write that failed RocksDB takes none until it has recovered: from a full disk by itself,
  // from anything else when it is opened again.
  [[nodiscard]] Result<void> put(rocksdb::WriteBatch& batch, bool sync) const {
    rocksdb::WriteOptions options;
    options.sync = sync;
    const rocksdb::Status status = db->Write(options, &batch);
    if (!status.ok()) {
      auto refused = error(status, "write to the history");
      if (refused.error().code != ErrorCode::disk_full) refused.error().detail += "; restart when the disk works again";
      return refused;
    }
    batch.Clear();
    return {};
  }

  // Appends the samples of one block that lie in [from, to).
  [[nodiscard]] Result<void> decode(const BlockKey& key, std::string_view value, Timestamp from, Timestamp to,
                                    std::vector<Sample>& out) const {
    const auto header = read_block_header(value);
    if (header && (header->last < from || header->first >= to)) return {};
    const std::size_t start = out.size();
    const Result<void> decoded = header ? decode_block(value, out) : std::unexpected(header.error());
    if (!decoded) {
      return failure(decoded.error().code, fmt::format("{}: series {}, day {} (path={})", decoded.error().detail,
                                                       key.series.value(), key.day, path.string()));
    }
    const auto mine = out.begin() + static_cast<std::ptrdiff_t>(start);
    out.erase(std::ranges::lower_bound(mine, out.end(), to, {}, &Sample::timestamp), out.end());
    out.erase(mine, std::ranges::lower_bound(mine, out.end(), from, {}, &Sample::timestamp));
    return {};
  }
};

RocksHistory::RocksHistory(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksHistory::~RocksHistory() = default;

Result<std::unique_ptr<RocksHistory>> RocksHistory::open(const RocksHistoryOptions& options) {
  auto parts = std::make_unique<Parts>();
  parts->path = options.path;
  if (auto checked = check_files(parts->path); !checked) return std::unexpected(std::move(checked.error()));
  rocksdb::ColumnFamilyOptions extents = small_options();
  extents.merge_operator = make_extent_merge();
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{{rocksdb::kDefaultColumnFamilyName, small_options()},
                                                              {"blocks", blocks_options()},
                                                              {"extents", extents},
                                                              {"definitions", small_options()}};
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(store_options(options.env), options.path.string(), families, &parts->families, &db);
  if (!status.ok()) {
    auto refused = parts->error(status, "open the history");
    if (refused.error().code == ErrorCode::history_failed && !status.IsCorruption()) {
      return failure(ErrorCode::startup, std::move(refused.error().detail));  // in use, no access
    }
    return refused;
  }
  parts->db.reset(db);
  // The folder's own name must outlive a power cut, or all that is in it goes with it.
  std::unique_ptr<rocksdb::Directory> parent;
  rocksdb::Status named =
      db->GetEnv()->NewDirectory(std::filesystem::absolute(parts->path).parent_path().string(), &parent);
  if (named.ok()) named = parent->Fsync();
  if (!named.ok()) return parts->error(named, "open the history");
  std::unique_ptr<RocksHistory> history(new RocksHistory(std::move(parts)));
  if (auto loaded = history->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return history;
}

Result<void> RocksHistory::load() {
  Parts& parts = *parts_;
  const auto get = [&parts](std::string_view key, std::uint64_t& value) -> rocksdb::Status {
    std::string bytes;
    rocksdb::Status status = parts.db->Get({}, parts.numbers(), rocksdb::Slice(key.data(), key.size()), &bytes);
    if (status.IsNotFound()) return rocksdb::Status::OK();
    if (status.ok()) value = ByteReader(bytes).fixed<std::uint64_t>();
    return status;
  };
  std::uint64_t safe = 0;
  std::uint64_t definitions = 0;
  for (const auto& status : {get(kSafe, safe), get(kDefinitions, definitions), get(kFlush, parts.flush)}) {
    if (!status.ok()) return parts.error(status, "open the history");
  }
  parts.safe.store(safe);
  parts.definitions.store(definitions);
  // A flush that a crash interrupted keeps its number to itself.
  ++parts.flush;
  rocksdb::WriteBatch batch;
  batch.Put(parts.numbers(), rocksdb::Slice(kFlush.data(), kFlush.size()), number(parts.flush));
  return parts.put(batch, /*sync=*/true);
}

Result<void> RocksHistory::write(std::span<const Run> runs) {
  Parts& parts = *parts_;
  rocksdb::WriteBatch batch;
  for (const auto& [series, samples] : runs) {
    if (samples.empty()) continue;
    const SeriesExtent extent{series, samples.front().timestamp, samples.back()};
    if (const auto [at, fresh] = parts.grown.try_emplace(series, extent); !fresh) grow(at->second, extent);
    std::span<const Sample> rest(samples);
    while (!rest.empty()) {
      const std::int32_t day = day_of(rest.front().timestamp);
      std::size_t count = std::min(rest.size(), limits::kBlockReadingsMax);
      while (day_of(rest[count - 1].timestamp) != day) {
        const auto next_day = std::ranges::partition_point(
            rest.first(count), [day](const Sample& sample) { return day_of(sample.timestamp) == day; });
        count = static_cast<std::size_t>(next_day - rest.begin());
      }
      const BlockKey key{series, day, rest.front().timestamp, parts.flush};
      batch.Put(parts.blocks(), key.encode(), encode_block(rest.first(count)));
      rest = rest.subspan(count);
      if (batch.GetDataSize() < kBatchBytes) continue;
      if (auto put = parts.put(batch, /*sync=*/false); !put) return put;
    }
  }
  return batch.Count() == 0 ? Result<void>() : parts.put(batch, /*sync=*/false);
}

Result<void> RocksHistory::commit(Position safe, std::uint64_t definitions_from,
                                  std::span<const catalogue::Definition> definitions) {
  Parts& parts = *parts_;
  CHECK(definitions_from == parts.definitions.load());
  rocksdb::WriteBatch batch;
  for (const auto& [series, extent] : parts.grown) {
    batch.Merge(parts.extents(), series_key(series), encode_extent(extent));
  }
  std::uint64_t index = definitions_from;
  for (const catalogue::Definition& definition : definitions) {
    std::string bytes;
    ByteWriter out(bytes);
    catalogue::encode_definition(out, definition);
    batch.Put(parts.definition_log(), definition_key(index++), bytes);
  }
  const auto put_number = [&](std::string_view key, std::uint64_t value) {
    batch.Put(parts.numbers(), rocksdb::Slice(key.data(), key.size()), number(value));
  };
  put_number(kSafe, safe.value());
  put_number(kDefinitions, index);
  put_number(kFlush, parts.flush + 1);
  // Syncing this write syncs the blocks that were written before it to the same log.
  if (auto put = parts.put(batch, /*sync=*/true); !put) return put;
  ++parts.flush;
  parts.grown.clear();
  parts.definitions.store(index);
  parts.safe.store(safe.value());
  return {};
}

Position RocksHistory::safe_position() const {
  return Position(parts_->safe.load());
}
std::uint64_t RocksHistory::definitions_stored() const {
  return parts_->definitions.load();
}

Result<void> RocksHistory::read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) {
  const std::unique_ptr<rocksdb::Iterator> at(parts_->db->NewIterator({}, parts_->definition_log()));
  std::uint64_t index = 0;
  for (at->SeekToFirst(); at->Valid(); at->Next(), ++index) {
    ByteReader in(view(at->value()));
    catalogue::Definition definition;
    if (at->key() != rocksdb::Slice(definition_key(index)) || !catalogue::decode_definition(in, definition)) {
      return failure(
          ErrorCode::history_failed,
          fmt::format("the history's definition {} is missing or damaged (path={})", index, parts_->path.string()));
    }
    if (auto taken = take(definition); !taken) return taken;
  }
  if (!at->status().ok()) return parts_->error(at->status(), "read the history");
  if (index != parts_->definitions.load()) {
    return failure(ErrorCode::history_failed, fmt::format("the history's definitions end at {} of {} (path={})", index,
                                                          parts_->definitions.load(), parts_->path.string()));
  }
  return {};
}

Result<void> RocksHistory::read_extents(const std::function<void(const SeriesExtent&)>& take) {
  const std::unique_ptr<rocksdb::Iterator> at(parts_->db->NewIterator({}, parts_->extents()));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto series = decode_series_key(view(at->key()));
    const auto extent = series ? decode_extent(*series, view(at->value())) : std::nullopt;
    if (!extent) return failure(ErrorCode::history_failed, "an extent of the history cannot be decoded");
    take(*extent);
  }
  if (!at->status().ok()) return parts_->error(at->status(), "read the history");
  return {};
}

Result<void> RocksHistory::read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                                std::vector<Sample>& out) const {
  if (from >= to) return {};
  const std::size_t start = out.size();
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> at(parts_->db->NewIterator(options, parts_->blocks()));
  const std::int32_t last_day = day_of(to - kTick);
  std::int32_t day = std::numeric_limits<std::int32_t>::min();
  DayMerge merge(out);
  for (at->Seek(day_prefix(series, day_of(from))); at->Valid(); at->Next()) {
    const auto key = BlockKey::decode(view(at->key()));
    if (!key || key->series != series || key->day > last_day) break;
    if (key->day != day) {
      merge.end_day();
      if (out.size() - start >= limit) break;
      day = key->day;
    }
    if (auto decoded = parts_->decode(*key, view(at->value()), from, to, out); !decoded) return decoded;
    merge.block_appended(key->flush);
  }
  if (!at->status().ok()) return parts_->error(at->status(), "read the history");
  merge.end_day();
  if (out.size() - start > limit) out.resize(start + limit);
  return {};
}

Result<std::optional<double>> RocksHistory::find(SeriesId series, Timestamp timestamp) const {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  const std::unique_ptr<rocksdb::Iterator> at(parts_->db->NewIterator(options, parts_->blocks()));
  std::optional<double> found;
  std::uint64_t found_in = std::numeric_limits<std::uint64_t>::max();
  std::vector<Sample> samples;
  for (at->Seek(day_prefix(series, day_of(timestamp))); at->Valid(); at->Next()) {
    const auto key = BlockKey::decode(view(at->key()));
    if (!key || key->first > timestamp) break;
    samples.clear();
    if (auto decoded = parts_->decode(*key, view(at->value()), timestamp, after(timestamp), samples); !decoded) {
      return std::unexpected(std::move(decoded.error()));
    }
    if (samples.empty() || key->flush > found_in) continue;
    found = samples.front().value;
    found_in = key->flush;
  }
  if (!at->status().ok()) return parts_->error(at->status(), "read the history");
  return found;
}

Result<std::optional<Sample>> RocksHistory::last_at(SeriesId series, Timestamp at) const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> blocks(parts_->db->NewIterator(options, parts_->blocks()));
  std::vector<Sample> samples;
  blocks->SeekForPrev(BlockKey{series, day_of(at), at, std::numeric_limits<std::uint64_t>::max()}.encode());
  while (blocks->Valid()) {
    const auto key = BlockKey::decode(view(blocks->key()));
    if (!key || key->series != series) break;
    samples.clear();
    const Timestamp midnight = Timestamp(std::chrono::days(key->day));
    const auto limit = std::numeric_limits<std::size_t>::max();
    if (auto day = read(series, midnight, after(at), limit, samples); !day) return std::unexpected(day.error());
    if (!samples.empty()) return samples.back();
    blocks->SeekForPrev(day_prefix(series, key->day));
  }
  if (!blocks->status().ok()) return parts_->error(blocks->status(), "read the history");
  return std::nullopt;
}

std::uint64_t RocksHistory::bytes_on_disk() const {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::directory_iterator file(parts_->path, ignored);
  for (; file != std::filesystem::directory_iterator(); file.increment(ignored)) {
    std::error_code gone;
    const auto size = file->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace temperature::history
