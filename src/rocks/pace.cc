#include "rocks/pace.h"

#include <rocksdb/env.h>
#include <rocksdb/sst_file_manager.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "base/sizes.h"

namespace temperature::rocks {
namespace {

constexpr std::int64_t kStepBytes = 256 * limits::kKiB;

// Faster than the disk of a small machine is filled. More that waits than so many times the tables is deleted at once.
constexpr std::int64_t kDeletedBytesPerSecond = 256 * limits::kMiB;
constexpr double kTrashShareMax = 8;
constexpr std::uint64_t kDeletedAtOnce = limits::kMiB;

}  // namespace

void RestLimiter::Request(std::int64_t bytes, rocksdb::Env::IOPriority /*priority*/,
                          rocksdb::Statistics* /*statistics*/) {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point rested;
  std::this_thread::sleep_for(std::min<Clock::duration>(Clock::now() - rested, kWorkMax));
  rested = Clock::now();
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  requests_.fetch_add(1, std::memory_order_relaxed);
}

std::int64_t RestLimiter::GetSingleBurstBytes() const {
  return kStepBytes;
}

std::int64_t RestLimiter::GetBytesPerSecond() const {
  return std::numeric_limits<std::int64_t>::max();
}

std::shared_ptr<rocksdb::SstFileManager> small_deletions(rocksdb::Env* env) {
  return std::shared_ptr<rocksdb::SstFileManager>(rocksdb::NewSstFileManager(
      env != nullptr ? env : rocksdb::Env::Default(), /*info_log=*/nullptr, /*trash_dir=*/"", kDeletedBytesPerSecond,
      /*delete_existing_trash=*/true, /*status=*/nullptr, kTrashShareMax, kDeletedAtOnce));
}

}  // namespace temperature::rocks
