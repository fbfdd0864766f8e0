#pragma once

#include <rocksdb/options.h>
#include <rocksdb/rate_limiter.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

// RocksDB's background work in small steps, so that nobody waits long for a processor or the disk because of it.
namespace temperature::rocks {

// Has each of RocksDB's threads that writes tables rest as long as it worked, every few hundred KiB. RocksDB's own
// limiter has a fixed rate: one that is low enough for a small machine holds a large one up. This one knows no rate;
// what is fast stays fast, at half its pace. Thread-safe.
class RestLimiter final : public rocksdb::RateLimiter {
 public:
  RestLimiter() : RateLimiter(Mode::kWritesOnly) {}

  using RateLimiter::Request;
  // Rests before a write of so many bytes. Time that passed since this thread's last write counts as work up to
  // kWorkMax: it may as well have been idle.
  void Request(std::int64_t bytes, rocksdb::Env::IOPriority priority, rocksdb::Statistics* statistics) override;

  [[nodiscard]] std::int64_t GetSingleBurstBytes() const override;
  [[nodiscard]] std::int64_t GetBytesPerSecond() const override;
  void SetBytesPerSecond(std::int64_t) override {}
  [[nodiscard]] std::int64_t GetTotalBytesThrough(rocksdb::Env::IOPriority) const override { return bytes_.load(); }
  [[nodiscard]] std::int64_t GetTotalRequests(rocksdb::Env::IOPriority) const override { return requests_.load(); }

  static constexpr std::chrono::milliseconds kWorkMax{2};

 private:
  std::atomic<std::int64_t> bytes_{0};
  std::atomic<std::int64_t> requests_{0};
};

// Deletes tables and logs piece by piece: a file system that tells the disk of each free block (`discard`) would
// otherwise occupy it for milliseconds. What waits to be deleted is called *.trash; what a stop leaves of it, the next
// start deletes. `env` may be null: the system's.
std::shared_ptr<rocksdb::SstFileManager> small_deletions(rocksdb::Env* env);

}  // namespace temperature::rocks
