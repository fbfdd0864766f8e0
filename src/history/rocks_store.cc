#include "history/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "history/extent.h"
#include "history/piece_list.h"
#include "history/rocks_options.h"
#include "rocks/log_scan.h"
#include "rocks/open_guard.h"
#include "rocks/rocks.h"

namespace temperature::history {
namespace {

constexpr std::string_view kSomething = "something";
constexpr std::array<std::string_view, 6> kFamilyNames{"default", "extents", "definitions", "days", "months", "blocks"};
constexpr std::string_view kFormerBlocks = kFamilyNames[5];

// Pieces are not synced; the commit behind them is, and all before it. Its write has this key (rocks_history.cc).
bool is_commit(std::string_view record) {
  return record.find("\x01\x0dsafe position") != std::string_view::npos;
}

constexpr rocks::LogRules kRules{
    .whose = "the history", .code = ErrorCode::history_failed, .synced = is_commit, .filled_ahead = false};

// Whether something was ever written into it: a table, or a whole record of a log.
bool was_written(const std::filesystem::path& folder, const rocks::LogScans& logs) {
  if (std::ranges::any_of(logs.ends, [](const auto& log) { return log.second > 0; })) return true;
  std::error_code none;
  std::filesystem::directory_iterator file(folder, none);
  return std::any_of(begin(file), end(file), [](const auto& entry) { return entry.path().extension() == ".sst"; });
}

// The families that there are; none of a new history. A history that was written has all of them; a manifest that was
// cut may lack some, and RocksDB would make them anew.
Result<std::vector<std::string>> check_files(const std::filesystem::path& folder, const rocksdb::DBOptions& options) {
  if (auto checked = rocks::check_manifest(folder, kRules); !checked) return std::unexpected(checked.error());
  const auto logs = rocks::scan_logs(folder, kRules);
  if (!logs) return std::unexpected(logs.error());
  std::vector<std::string> names;
  const std::string manifest = rocks::current_manifest(folder);
  if (manifest.empty()) return names;
  const auto status = rocks::guarded("the history", folder,
                                     [&] { return rocksdb::DB::ListColumnFamilies(options, folder.string(), &names); });
  if (!status.ok()) {
    return failure(ErrorCode::history_failed, fmt::format("the history's file {} is damaged: {}",
                                                          (folder / manifest).string(), status.ToString()));
  }
  const auto is_there = [&names](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  const auto missing = std::ranges::find_if_not(kFamilyNames, is_there);
  const bool of_former_format = is_there(kFormerBlocks);
  if (of_former_format || *missing == kFormerBlocks || !was_written(folder, *logs)) return names;
  return failure(ErrorCode::history_failed, fmt::format("the history's file {} is damaged: it names no family \"{}\"",
                                                        (folder / manifest).string(), *missing));
}

rocksdb::ColumnFamilyOptions options_of(std::string_view family,
                                        const std::shared_ptr<rocksdb::MergeOperator>& volume_merge) {
  if (family == kFormerBlocks) return former_options();
  rocksdb::ColumnFamilyOptions options = family == "days" || family == "months" ? volume_options() : small_options();
  if (family == "extents") options.merge_operator = make_extent_merge();
  if (family == "days" || family == "months") options.merge_operator = volume_merge;
  return options;
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

void RocksStore::keep(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  for (auto* handle : handles) {
    const auto at = std::ranges::find(kFamilyNames, handle->GetName());
    families_.at(static_cast<std::size_t>(at - kFamilyNames.begin())) = handle;
  }
}

std::size_t Reaches::size() const {
  const std::shared_lock lock(mutex_);
  return reaches_.size();
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& path, rocksdb::Env* env,
                                                     std::function<void(const std::string&)> log) {
  std::unique_ptr<RocksStore> store(new RocksStore(path));
  rocksdb::DBOptions options = store_options(env);
  const auto names = check_files(path, options);
  if (!names) return std::unexpected(names.error());
  options.listeners.push_back(store->damage_.listener(std::move(log)));
  const auto merge =
      make_volume_merge(store->thoroughness, store->figures.chunks_merged, store->figures.volumes_emptied);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string_view name : kFamilyNames) {
    if (name == kFormerBlocks && std::ranges::find(*names, name) == names->end()) continue;
    families.emplace_back(std::string(name), options_of(name, merge));
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocks::guarded(
      "the history", path, [&] { return rocksdb::DB::Open(options, path.string(), families, &handles, &db); });
  if (!status.ok()) {
    auto refused = store->error(status, "open the history");
    if (refused.error().code == ErrorCode::history_failed && !status.IsCorruption()) {
      return failure(ErrorCode::startup, std::move(refused.error().detail));  // in use, no access
    }
    return refused;
  }
  store->db_.reset(db);
  store->keep(handles);
  const rocksdb::Status named = rocks::sync_name(*db->GetEnv(), path);
  if (!named.ok()) return store->error(named, "open the history");
  return store;
}

Result<std::unique_ptr<RocksStore>> RocksStore::open_to_look(const std::filesystem::path& path) {
  std::unique_ptr<RocksStore> store(new RocksStore(path));
  rocksdb::DBOptions options = store_options(nullptr);
  options.create_if_missing = false;
  options.create_missing_column_families = false;
  const auto names = check_files(path, options);
  if (!names) return std::unexpected(names.error());
  if (names->empty()) return store->error(rocksdb::Status::NotFound("there is none"), "open the history");
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : *names) {
    if (std::ranges::find(kFamilyNames, name) == kFamilyNames.end()) continue;  // of a newer program
    families.emplace_back(name, options_of(name, make_piece_list()));
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocks::guarded("the history", path, [&] {
    return rocksdb::DB::OpenForReadOnly(options, path.string(), families, &handles, &db);
  });
  if (!status.ok()) return store->error(status, "open the history");
  store->db_.reset(db);
  store->keep(handles);
  return store;
}

RocksStore::~RocksStore() {
  for (auto* family : families_) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

Result<void> RocksStore::drop_former_blocks() {
  rocksdb::ColumnFamilyHandle* const blocks = std::exchange(families_.back(), nullptr);
  rocksdb::Status status = db_->DropColumnFamily(blocks);
  if (status.ok()) status = db_->DestroyColumnFamilyHandle(blocks);
  if (!status.ok()) return error(status, "drop the readings of the former format");
  return {};
}

void RocksStore::leave_damage_alone() const {
  for (auto* family : families_) {
    if (family == nullptr || !damage_.take_news_of(family->GetID())) continue;
    figures.damage_met.store(true);
    static_cast<void>(db_->SetOptions(family, {{"disable_auto_compactions", "true"}}));  // else it is met again
  }
}

bool RocksStore::damaged(const rocksdb::ColumnFamilyHandle& family) const {
  return damage_.met_in(family.GetID());
}

std::unexpected<Error> RocksStore::error(const rocksdb::Status& status, std::string_view what) const {
  if (rocks::is_disk_full(status)) {
    return failure(ErrorCode::disk_full, fmt::format("cannot {}: the disk is full (path={})", what, path_.string()));
  }
  return failure(ErrorCode::history_failed,
                 fmt::format("cannot {}: {} (path={})", what, status.ToString(), path_.string()));
}

Result<void> RocksStore::put(rocksdb::WriteBatch& batch, bool sync) const {
  // When a write to its log fails, RocksDB 7.8 recovers by flushing what is in memory to tables and beginning a new
  // log. With nothing in memory it keeps the old log, and aborts the process at the next write (an assertion of
  // WritableFileWriter). So there is always something.
  leave_damage_alone();
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
