#include "pipeline/disk_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/memory_reserve.h"
#include "base/size_text.h"
#include "base/thread.h"

namespace temperature::limits {

// Milliseconds between two looks at the disk's free space.
inline constexpr std::chrono::milliseconds kDiskLooks{250};
// Looks at the disk to each look whether the data folder is still there.
inline constexpr std::uint64_t kLooksToAFolderLook = 4;

}  // namespace temperature::limits

namespace temperature::pipeline {

DiskWatch::DiskWatch(const DiskProbe* probe, std::uint64_t min_free, const Clock& clock, ServiceState& state, Log log)
    : probe_(probe), min_free_(min_free), clock_(clock), state_(state), log_(std::move(log)), policy_(min_free) {}

DiskWatch::~DiskWatch() {
  stop();
}

void DiskWatch::start() {
  if (probe_ == nullptr) return;
  look();
  thread_ = std::thread([this] {
    name_thread("disk-watch");
    std::unique_lock lock(mutex_);
    while (!woken_.wait_for(lock, limits::kDiskLooks, [this] { return stopping_; })) look();
  });
}

void DiskWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void DiskWatch::look_for_folder() {
  if (state_.folder_lost() || probe_->in_place()) return;
  state_.folder_is_lost();
  if (!log_) return;
  log_(
      "writes are refused: the data folder was removed, or something else was mounted over it; put it back and start "
      "the service again",
      /*grave=*/true);
}

void DiskWatch::look() {
  MemoryReserve::refill();
  if (looks_++ % limits::kLooksToAFolderLook == 0) look_for_folder();
  const auto free = probe_->free();
  if (!free) return;
  last_ = std::max(last_, clock_.now());
  const auto event = policy_.look(last_, *free);
  figures_.free.store(*free, std::memory_order_relaxed);
  figures_.days_left.store(policy_.days_left().value_or(-1), std::memory_order_relaxed);
  state_.disk_is_low(policy_.closed());
  if (event && log_) say(*event, *free);
}

void DiskWatch::say(DiskPolicy::Event event, std::uint64_t free) const {
  using Event = DiskPolicy::Event;
  if (event == Event::closed) {
    return log_(fmt::format("writes are refused: {} are free on the disk, less than {} (--min-free-disk)",
                            format_size(free), format_size(min_free_)),
                /*grave=*/true);
  }
  if (event == Event::opened) {
    return log_(fmt::format("writes are taken again: {} are free on the disk", format_size(free)), /*grave=*/false);
  }
  std::string what = fmt::format("{} are free on the disk", format_size(free));
  if (const auto days = policy_.days_left()) {
    what += min_free_ == 0 ? fmt::format("; at the rate of the last day it is full in {:.1f} days", *days)
                           : fmt::format("; at the rate of the last day writes are refused in {:.1f} days", *days);
  }
  log_(what, event == Event::near);
}

}  // namespace temperature::pipeline
