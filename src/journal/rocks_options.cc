#include "journal/rocks_options.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/sizes.h"
#include "rocks/rocks.h"

namespace temperature::journal {
namespace {

constexpr std::size_t kWriteBufferBytes = 16 * limits::kMiB;

// Notes that a flush or compaction failed in the background: RocksDB refuses writes from then on.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  BackgroundErrors(std::atomic<Background>& background, std::function<void(const rocksdb::Status&)> failed)
      : background_(background), failed_(std::move(failed)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    if (status->ok()) return;
    const Background what = rocks::is_disk_full(*status) ? Background::disk_full : Background::failed;
    background_.store(what, std::memory_order_relaxed);
    if (failed_) failed_(*status);
  }

  // RocksDB would try to go on by itself; the journal is closed until a restart.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::atomic<Background>& background_;
  const std::function<void(const rocksdb::Status&)> failed_;
};

}  // namespace

Error no_memory() {
  return {ErrorCode::overloaded, "there is not enough memory for these readings now"};
}

Error error_of(const rocksdb::Status& status, std::string_view what, const std::filesystem::path& path) {
  if (rocks::is_disk_full(status)) {
    return {ErrorCode::disk_full,
            fmt::format("cannot {}: the disk is full (path={}); free space and restart", what, path.string())};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::journal_damaged, fmt::format("cannot {}: {} (path={})", what, status.ToString(), path.string())};
  }
  return {ErrorCode::journal_failed, fmt::format("cannot {}: {} (path={})", what, status.ToString(), path.string())};
}

std::optional<Error> error_of(Background background, const std::filesystem::path& path) {
  if (background == Background::fine) return std::nullopt;
  if (background == Background::disk_full) return error_of(rocksdb::Status::NoSpace(), "write to the journal", path);
  return Error{ErrorCode::journal_failed, "the journal's files could not be written in the background"};
}

std::string key_of(Position position) {
  const std::uint64_t swapped = __builtin_bswap64(position.value());
  return {reinterpret_cast<const char*>(&swapped), sizeof swapped};
}

std::optional<Position> position_of(const rocksdb::Slice& key) {
  std::uint64_t swapped = 0;
  if (key.size() != sizeof swapped) return std::nullopt;
  std::memcpy(&swapped, key.data(), sizeof swapped);
  return Position(__builtin_bswap64(swapped));
}

rocksdb::Options rocks_options(rocksdb::Env* env, std::atomic<Background>& background,
                               std::function<void(const rocksdb::Status&)> failed, std::size_t write_buffer_bytes) {
  rocksdb::Options options;
  rocks::set_common(options, env);
  // A torn tail is cut, other damage refuses to open. (The default would drop everything behind a flipped byte.)
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;  // a log that is gone is noticed
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = write_buffer_bytes > 0 ? write_buffer_bytes : kWriteBufferBytes;
  options.max_write_buffer_number = 3;
  // Keys only rise: files move down a level untouched, where DeleteFilesInRange() can take them away.
  options.level0_file_num_compaction_trigger = 1;
  options.max_bytes_for_level_base = std::uint64_t{1} << 50U;
  options.target_file_size_base = 64 * limits::kMiB;
  options.max_open_files = 64;
  options.max_background_jobs = 2;
  options.listeners.push_back(std::make_shared<BackgroundErrors>(background, std::move(failed)));
  return options;
}

}  // namespace temperature::journal
