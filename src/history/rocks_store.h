#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "history/history.h"
#include "history/volume_key.h"
#include "history/volume_merge.h"

namespace temperature::history {

inline std::string_view view_of(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}
inline rocksdb::Slice slice_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

// The oldest and the newest moment that each series has in the store: where a reader need not look.
// Thread-safe.
class Reaches {
 public:
  struct Reach {
    Timestamp oldest = kTimestampMax;
    Timestamp newest = kTimestampMin;
  };
  void widen(SeriesId series, Reach with);
  [[nodiscard]] Reach of(SeriesId series) const;

 private:
  mutable std::shared_mutex mutex_;
  std::vector<Reach> reaches_;  // by series
};

// The RocksDB instance under a RocksHistory. docs/formats/history.md says what is in it. Thread-safe.
class RocksStore {
 public:
  // Errors: startup (in use, no access), history_failed (damaged), disk_full.
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& path, rocksdb::Env* env);
  ~RocksStore();
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* numbers() const { return families_[0]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* extents() const { return families_[1]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* definitions() const { return families_[2]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* volumes(Span span) const { return families_[span == Span::day ? 3 : 4]; }
  // The former format's readings; nullptr when there are none.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* former_blocks() const {
    return families_.size() > 5 ? families_[5] : nullptr;
  }
  Result<void> drop_former_blocks();

  [[nodiscard]] std::unexpected<Error> error(const rocksdb::Status& status, std::string_view what) const;
  // Writes and empties `batch`. After a write that failed RocksDB takes none until it has recovered: from a full
  // disk by itself, from anything else when it is opened again.
  [[nodiscard]] Result<void> put(rocksdb::WriteBatch& batch, bool sync) const;

  Reaches reaches;
  HistoryFigures figures;
  std::atomic<Thoroughness> thoroughness{Thoroughness::quick};

 private:
  explicit RocksStore(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace temperature::history
