#include "app/process.h"

#include <malloc.h>
#include <sys/resource.h>

#include <exception>
#include <latch>
#include <thread>
#include <vector>

#include "base/memory_limit.h"
#include "base/memory_reserve.h"
#include "base/sizes.h"

namespace temperature::app {
namespace {

constexpr std::size_t kThreadsBeside = 26;  // the journal's, the history's, RocksDB's and others
constexpr std::uint64_t kSmallMemory = 1'024 * limits::kMiB;

}  // namespace

std::uint64_t prepare_memory() {
  MemoryReserve::install();
  const std::uint64_t memory = memory_limit();
  if (memory > kSmallMemory) return memory;
  constexpr int kGiveBackBytes = 256 * 1'024;
  mallopt(M_ARENA_MAX, 2);  // each takes 64 MiB of address space
  mallopt(M_MMAP_THRESHOLD, kGiveBackBytes);
  mallopt(M_TRIM_THRESHOLD, kGiveBackBytes);
  return memory;
}

Result<void> check_threads(std::size_t http_threads) {
  std::latch all(1);
  std::vector<std::thread> threads;
  bool started = true;
  try {
    while (threads.size() < 2 * http_threads + kThreadsBeside) threads.emplace_back([&all] { all.wait(); });
  } catch (const std::exception&) {
    started = false;
  }
  all.count_down();
  for (std::thread& thread : threads) thread.join();
  if (started) return {};
  return failure(ErrorCode::startup, kNoThread);
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace temperature::app
