#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "history/history.h"
#include "history/merge_damage.h"
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
  [[nodiscard]] std::size_t size() const;  // the ids of all series are below

 private:
  mutable std::shared_mutex mutex_;
  std::vector<Reach> reaches_;  // by series
};

// The RocksDB instance under a RocksHistory. docs/formats/history.md says what is in it. Thread-safe.
class RocksStore {
 public:
  // `log` is told of damage that merges meet; it may be empty.
  // Errors: startup (in use, no access), history_failed (damaged), disk_full.
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& path, rocksdb::Env* env,
                                                  std::function<void(const std::string&)> log = {});
  // To look at it and change nothing, not even to merge: the values of volumes are lists of pieces (piece_list.h).
  // Families that the store does not have are nullptr. Nobody else may write to it.
  static Result<std::unique_ptr<RocksStore>> open_to_look(const std::filesystem::path& path);
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
  [[nodiscard]] rocksdb::ColumnFamilyHandle* former_blocks() const { return families_[5]; }
  Result<void> drop_former_blocks();

  // A family in which a merge met damage is merged no more: it would fail again and again. All else goes on.
  void leave_damage_alone() const;
  [[nodiscard]] bool damaged(const rocksdb::ColumnFamilyHandle& family) const;

  [[nodiscard]] std::unexpected<Error> error(const rocksdb::Status& status, std::string_view what) const;
  // Writes and empties `batch`. After a write that failed RocksDB takes none until it has recovered: from a full
  // disk by itself, from anything else when it is opened again.
  [[nodiscard]] Result<void> put(rocksdb::WriteBatch& batch, bool sync) const;

  Reaches reaches;
  mutable HistoryFigures figures;
  std::atomic<Thoroughness> thoroughness{Thoroughness::quick};

 private:
  static constexpr std::size_t kFamilies = 6;
  explicit RocksStore(std::filesystem::path path) : path_(std::move(path)) {}
  void keep(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);

  std::filesystem::path path_;
  mutable MergeDamage damage_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_{};
};

}  // namespace temperature::history
