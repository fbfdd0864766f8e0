#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "base/keyed_hash.h"

namespace temperature::access {

// A SHA-256 digest.
using Digest = std::array<char, 32>;

// Keyed: the bits of a digest are random, but who makes tokens can make many until some have the bits that he wants.
struct DigestHash {
  using is_avalanching = void;
  std::size_t operator()(const Digest& digest) const { return keyed_hash({digest.data(), digest.size()}); }
};

// Remembers values by digest, at most `values_max` of them: those that were asked for or put lately. Two generations:
// when the young one is full it becomes the old one, and what nobody asked for since then is forgotten. Thread-safe:
// locks one of its shards.
template <class Value>
class Remembered {
 public:
  explicit Remembered(std::size_t values_max) : young_max_(std::max<std::size_t>(values_max / kShards / 2, 1)) {}

  [[nodiscard]] std::optional<Value> find(const Digest& digest) {
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    if (const auto found = shard.young.find(digest); found != shard.young.end()) return found->second;
    const auto found = shard.old.find(digest);
    if (found == shard.old.end()) return std::nullopt;
    Value value = found->second;
    add(shard, digest, value);
    return value;
  }

  void put(const Digest& digest, Value value) {
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    add(shard, digest, std::move(value));
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const Shard& shard : *shards_) {
      const std::scoped_lock lock(shard.mutex);
      sum += shard.young.size() + shard.old.size();
    }
    return sum;
  }

 private:
  static constexpr std::size_t kShards = 16;
  using Generation = boost::unordered_flat_map<Digest, Value, DigestHash>;
  struct Shard {
    mutable std::mutex mutex;
    Generation young;
    Generation old;
  };

  // By bits that the tables of the shards make least of.
  Shard& shard_of(const Digest& digest) { return (*shards_)[(DigestHash()(digest) >> 32U) % kShards]; }

  void add(Shard& shard, const Digest& digest, Value value) {
    if (shard.young.size() >= young_max_ && !shard.young.contains(digest)) {
      shard.old = std::move(shard.young);
      shard.young = {};
    }
    shard.young.insert_or_assign(digest, std::move(value));
  }

  const std::size_t young_max_;
  std::unique_ptr<std::array<Shard, kShards>> shards_ = std::make_unique<std::array<Shard, kShards>>();
};

}  // namespace temperature::access
