#include "history/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <mutex>

#include "history/extent.h"
#include "history/rocks_options.h"

namespace temperature::history {
namespace {

constexpr std::string_view kFormerBlocks = "blocks";
constexpr std::string_view kSomething = "something";

bool has_former_blocks(const rocksdb::DBOptions& options, const std::string& path) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok()) return false;  // a new one; open() says the rest
  return std::ranges::find(names, kFormerBlocks) != names.end();
}

}  // namespace

void Reaches::widen(SeriesId series, Reach with) {
  const std::unique_lock lock(mutex_);
  if (series.value() >= reaches_.size()) reaches_.resize(series.value() + std::size_t{1});
  Reach& reach = reaches_[series.value()];
  reach.oldest = std::min(reach.oldest, with.oldest);
  reach.newest = std::max(reach.newest, with.newest);
}

Reaches::Reach Reaches::of(SeriesId series) const {
  const std::shared_lock lock(mutex_);
  return series.value() < reaches_.size() ? reaches_[series.value()] : Reach{};
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& path, rocksdb::Env* env) {
  if (auto checked = check_files(path); !checked) return std::unexpected(std::move(checked.error()));
  std::unique_ptr<RocksStore> store(new RocksStore(path));
  const rocksdb::DBOptions options = store_options(env);
  rocksdb::ColumnFamilyOptions extents = small_options();
  extents.merge_operator = make_extent_merge();
  rocksdb::ColumnFamilyOptions volumes = volume_options();
  volumes.merge_operator = make_volume_merge(store->thoroughness, store->figures.chunks_merged);
  std::vector<rocksdb::ColumnFamilyDescriptor> families{{rocksdb::kDefaultColumnFamilyName, small_options()},
                                                        {"extents", extents},
                                                        {"definitions", small_options()},
                                                        {"days", volumes},
                                                        {"months", volumes}};
  if (has_former_blocks(options, path.string())) families.emplace_back(std::string(kFormerBlocks), former_options());
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, path.string(), families, &store->families_, &db);
  if (!status.ok()) {
    auto refused = store->error(status, "open the history");
    if (refused.error().code == ErrorCode::history_failed && !status.IsCorruption()) {
      return failure(ErrorCode::startup, std::move(refused.error().detail));  // in use, no access
    }
    return refused;
  }
  store->db_.reset(db);
  // The folder's own name must outlive a power cut, or all that is in it goes with it.
  std::unique_ptr<rocksdb::Directory> parent;
  rocksdb::Status named = db->GetEnv()->NewDirectory(std::filesystem::absolute(path).parent_path().string(), &parent);
  if (named.ok()) named = parent->Fsync();
  if (!named.ok()) return store->error(named, "open the history");
  return store;
}

RocksStore::~RocksStore() {
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
}

Result<void> RocksStore::drop_former_blocks() {
  rocksdb::ColumnFamilyHandle* const blocks = families_.back();
  families_.pop_back();
  rocksdb::Status status = db_->DropColumnFamily(blocks);
  if (status.ok()) status = db_->DestroyColumnFamilyHandle(blocks);
  if (!status.ok()) return error(status, "drop the readings of the former format");
  return {};
}

std::unexpected<Error> RocksStore::error(const rocksdb::Status& status, std::string_view what) const {
  const bool full = status.IsNoSpace() || status.subcode() == rocksdb::Status::SubCode::kNoSpace ||
                    status.ToString().find("No space left") != std::string::npos;
  if (full) {
    return failure(ErrorCode::disk_full, fmt::format("cannot {}: the disk is full (path={})", what, path_.string()));
  }
  return failure(ErrorCode::history_failed,
                 fmt::format("cannot {}: {} (path={})", what, status.ToString(), path_.string()));
}

Result<void> RocksStore::put(rocksdb::WriteBatch& batch, bool sync) const {
  // When a write to its log fails, RocksDB 7.8 recovers by flushing what is in memory to tables and beginning a new
  // log. With nothing in memory it keeps the old log, and aborts the process at the next write (an assertion of
  // WritableFileWriter). So there is always something.
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  rocksdb::Status status = db_->Put(unlogged, numbers(), slice_of(kSomething), {});
  rocksdb::WriteOptions options;
  options.sync = sync;
  if (status.ok()) status = db_->Write(options, &batch);
  if (!status.ok()) {
    auto refused = error(status, "write to the history");
    if (refused.error().code != ErrorCode::disk_full) refused.error().detail += "; restart when the disk works again";
    return refused;
  }
  batch.Clear();
  return {};
}

}  // namespace temperature::history
