#include "base/memory_reserve.h"

#include <sys/mman.h>

#include <atomic>
#include <new>
#include <utility>

namespace temperature {
namespace {

std::atomic<void*> reserve{nullptr};
std::atomic<bool> gone{false};
thread_local bool may_run_out = false;

void* map() {
  void* const block = ::mmap(nullptr, limits::kMemoryReserveBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return block == MAP_FAILED ? nullptr : block;
}

void no_memory() {
  if (may_run_out || !MemoryReserve::give()) throw std::bad_alloc();
}

}  // namespace

void MemoryReserve::install() {
  reserve.store(map(), std::memory_order_relaxed);
  std::set_new_handler(no_memory);
}

bool MemoryReserve::is_short() {
  return gone.load(std::memory_order_relaxed);
}

void MemoryReserve::refill() {
  if (!is_short()) return;
  void* const block = map();
  if (block == nullptr) return;
  reserve.store(block, std::memory_order_release);
  gone.store(false, std::memory_order_relaxed);
}

bool MemoryReserve::give() {
  void* const block = reserve.exchange(nullptr, std::memory_order_acquire);
  if (block == nullptr) return false;
  gone.store(true, std::memory_order_relaxed);
  return ::munmap(block, limits::kMemoryReserveBytes) == 0;
}

MayRunOut::MayRunOut() : before_(std::exchange(may_run_out, true)) {}
MayRunOut::~MayRunOut() {
  may_run_out = before_;
}

MustNotRunOut::MustNotRunOut() : before_(std::exchange(may_run_out, false)) {}
MustNotRunOut::~MustNotRunOut() {
  may_run_out = before_;
}

}  // namespace temperature
