#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "access/limit_policy.h"

namespace temperature::limits {

// Buckets of rate limits, 16 bytes each; at so many the fullest is forgotten, and its owner has a full one again.
inline constexpr std::size_t kBucketsMax = 4'194'304;

}  // namespace temperature::limits

namespace temperature::access {

// Buckets of any number of owners in bounded memory: 16 bytes each, at most `buckets_max` of them. A full bucket is the
// same as none, so those that have filled up make room; only when all that could make room are in use is the fullest
// forgotten, and its owner has a full one again. Thread-safe: locks one of its shards.
//
// A bucket is one moment: when it will be full. (Generic cell rate algorithm, ITU-T I.371, in its virtual scheduling
// form: "theoretical arrival time".)
class BucketTable final : public Buckets {
 public:
  explicit BucketTable(std::size_t buckets_max = limits::kBucketsMax);
  ~BucketTable() override;

  Taken take(LimitKind kind, std::string_view owner, const Rate& rate, double cost,
             std::chrono::nanoseconds now) override;
  void give_back(LimitKind kind, std::string_view owner, const Rate& rate, double cost) override;

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Slot {
    std::uint64_t owner = 0;  // a keyed hash, so that nobody shares a bucket on purpose; 0: free
    std::int64_t full_at_ns = 0;
  };
  static constexpr std::size_t kWays = 8;
  struct Set {  // where a bucket may be: two cache lines
    std::array<Slot, kWays> slots;
    [[nodiscard]] Slot& full_soonest();  // a free one, if there is one
  };
  struct Shard {
    mutable std::mutex mutex;
    std::vector<Set> sets;
  };
  static constexpr std::size_t kShards = 64;

  [[nodiscard]] static std::uint64_t hash(LimitKind kind, std::string_view owner);
  Shard& shard_of(std::uint64_t owner) const { return (*shards_)[owner % kShards]; }
  // A bucket is in one of two sets, the emptier one when it was made: so nearly all slots can be used.
  static std::array<Set*, 2> sets_of(Shard& shard, std::uint64_t owner) {
    const std::size_t count = shard.sets.size();
    return {&shard.sets[(owner / kShards) % count], &shard.sets[(owner >> 32U) % count]};
  }
  static Slot* find(Shard& shard, std::uint64_t owner);
  static Slot& best_slot(Shard& shard, std::uint64_t owner, std::int64_t now_ns);
  Slot& make(Shard& shard, std::uint64_t owner, std::int64_t now_ns) const;
  static bool move(const Shard& from, Shard& to, std::int64_t now_ns);
  void grow(Shard& shard, std::int64_t now_ns) const;

  const std::size_t sets_max_;  // of a shard
  std::unique_ptr<std::array<Shard, kShards>> shards_;
};

}  // namespace temperature::access
