#include "journal/wal_files.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "base/sizes.h"
#include "rocks/log_scan.h"

namespace temperature::journal {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// A log is filled ahead after so many small syncs one after the other, by as much as it has, within these bounds.
constexpr std::uint64_t kSmallSyncBytes = 16 * limits::kKiB;
constexpr int kSmallSyncs = 8;
constexpr std::uint64_t kAheadBytesMin = 64 * limits::kKiB;
constexpr std::uint64_t kAheadBytesMax = 512 * limits::kKiB;

// How long the logs are that are there: by their bytes, without the filling behind them.
class Lengths {
 public:
  explicit Lengths(WalEnds ends) : lengths_(std::move(ends)) {}

  void set(const std::filesystem::path& path, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    lengths_[path] = bytes;
  }
  void forget(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    lengths_.erase(path);
  }
  [[nodiscard]] std::optional<std::uint64_t> of(const std::filesystem::path& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = lengths_.find(path);
    return found == lengths_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  WalEnds lengths_;
};

// A log that is written. RocksDB calls it from one thread at a time.
class WrittenWal final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WrittenWal(std::unique_ptr<rocksdb::FSWritableFile> file, rocksdb::FileSystem& files, std::filesystem::path path,
             std::shared_ptr<Lengths> lengths)
      : FSWritableFileOwnerWrapper(std::move(file)),
        files_(files),
        path_(std::move(path)),
        lengths_(std::move(lengths)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    return count(data, target()->Append(data, options, dbg));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* dbg) override {
    return count(data, target()->Append(data, options, info, dbg));
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    fill_ahead(options, dbg);
    IOStatus status = target()->Sync(options, dbg);
    if (status.ok()) synced_ = written_;
    return status;
  }

  IOStatus Close(const IOOptions& options, IODebugContext* dbg) override {
    const IOStatus cut = filled_ > written_ ? target()->Truncate(written_, options, dbg) : IOStatus::OK();
    IOStatus status = target()->Close(options, dbg);
    if (cut.ok()) lengths_->forget(path_);
    return status.ok() ? cut : status;
  }

 private:
  IOStatus count(const Slice& data, IOStatus appended) {
    if (!appended.ok()) return appended;
    written_ += data.size();
    lengths_->set(path_, written_);
    return appended;
  }

  // Whatever goes wrong here goes wrong again where it matters.
  void fill_ahead(const IOOptions& options, IODebugContext* dbg) {
    if (written_ == synced_) return;
    small_syncs_ = written_ - synced_ <= kSmallSyncBytes ? small_syncs_ + 1 : 0;
    if (small_syncs_ < kSmallSyncs || filled_ >= written_ + kSmallSyncBytes) return;
    if (!ahead_ && !files_.NewRandomRWFile(path_.string(), FileOptions(), &ahead_, dbg).ok()) return;
    const std::uint64_t end = written_ + std::clamp(written_, kAheadBytesMin, kAheadBytesMax);
    const std::uint64_t begin = std::max(filled_, written_);
    std::string filling(end - begin, '\0');
    for (std::uint64_t at = begin; at < end; ++at) filling[at - begin] = rocks::filling_at(at);
    static_cast<void>(ahead_->Write(begin, filling, options, dbg));
    filled_ = end;  // or less, when the disk is full: then it is cut off all the same
  }

  rocksdb::FileSystem& files_;
  std::filesystem::path path_;
  std::shared_ptr<Lengths> lengths_;
  std::unique_ptr<rocksdb::FSRandomRWFile> ahead_;  // the same file; null until it is filled
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  std::uint64_t filled_ = 0;  // the filling reaches no further
  int small_syncs_ = 0;
};

// A log that is read, up to its end.
class ReadWal final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  ReadWal(std::unique_ptr<rocksdb::FSSequentialFile> file, std::uint64_t bytes)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(bytes) {}

  IOStatus Read(std::size_t bytes, const IOOptions& options, Slice* read, char* scratch, IODebugContext* dbg) override {
    IOStatus status = target()->Read(std::min<std::uint64_t>(bytes, left_), options, read, scratch, dbg);
    left_ -= read->size();
    return status;
  }
  IOStatus Skip(std::uint64_t bytes) override {
    const std::uint64_t skipped = std::min(bytes, left_);
    left_ -= skipped;
    return target()->Skip(skipped);
  }

 private:
  std::uint64_t left_;
};

class WalFiles final : public rocksdb::FileSystemWrapper {
 public:
  WalFiles(const std::shared_ptr<rocksdb::FileSystem>& files, WalEnds ends)
      : FileSystemWrapper(files), lengths_(std::make_shared<Lengths>(std::move(ends))) {}

  [[nodiscard]] const char* Name() const override { return "TemperatureWalFiles"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* dbg) override {
    IOStatus status = target()->NewWritableFile(path, options, file, dbg);
    if (!status.ok() || !path.ends_with(".log")) return status;
    lengths_->set(path, 0);
    *file = std::make_unique<WrittenWal>(std::move(*file), *target(), path, lengths_);
    return status;
  }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* dbg) override {
    IOStatus status = target()->NewSequentialFile(path, options, file, dbg);
    const auto length = lengths_->of(path);
    if (status.ok() && length) *file = std::make_unique<ReadWal>(std::move(*file), *length);
    return status;
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* bytes,
                       IODebugContext* dbg) override {
    IOStatus status = target()->GetFileSize(path, options, bytes, dbg);
    if (status.ok()) *bytes = lengths_->of(path).value_or(*bytes);
    return status;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* dbg) override {
    IOStatus status = target()->DeleteFile(path, options, dbg);
    if (status.ok()) lengths_->forget(path);
    return status;
  }

 private:
  std::shared_ptr<Lengths> lengths_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> wal_files(rocksdb::Env* env, WalEnds ends) {
  if (env == nullptr) env = rocksdb::Env::Default();
  return rocksdb::NewCompositeEnv(std::make_shared<WalFiles>(env->GetFileSystem(), std::move(ends)));
}

}  // namespace temperature::journal
