#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace temperature {

// Counts observations of a whole number (nanoseconds, bytes, readings) in buckets that double in
// width: bucket i holds the values up to 2^i. Wait-free; any thread.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 48;

  void observe(std::uint64_t value) {
    const std::size_t bucket = value <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(value - 1));
    counts_[bucket < kBuckets ? bucket : kBuckets - 1].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  struct Snapshot {
    std::array<std::uint64_t, kBuckets> counts{};  // by bucket, not cumulative
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
  };
  [[nodiscard]] Snapshot snapshot() const {
    Snapshot taken;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      taken.counts[i] = counts_[i].load(std::memory_order_relaxed);
      taken.count += taken.counts[i];
    }
    taken.sum = sum_.load(std::memory_order_relaxed);
    return taken;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

}  // namespace temperature
