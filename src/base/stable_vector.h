#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace temperature {

// A vector whose elements never move: grown in chunks of 2^kChunkBits. References stay valid for its
// life. Not thread-safe by itself; an element may be read while others are added only if the caller
// keeps the table of chunks from changing meanwhile (a shared lock).
template <class T, std::size_t kChunkBits = 10>
class StableVector {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return (*chunks_[i >> kChunkBits])[i & kMask]; }
  const T& operator[](std::size_t i) const { return (*chunks_[i >> kChunkBits])[i & kMask]; }

  // Removes all elements; keeps the memory of a few.
  void clear() {
    if (chunks_.size() > 1) chunks_.resize(1);
    for (std::size_t i = 0; i < std::min(size_, kMask + 1); ++i) (*this)[i] = T();
    size_ = 0;
  }

  // Adds a value-initialised element and returns it.
  T& grow() {
    if (size_ == chunks_.size() << kChunkBits) chunks_.push_back(std::make_unique<Chunk>());
    return (*this)[size_++];
  }

 private:
  static constexpr std::size_t kMask = (std::size_t{1} << kChunkBits) - 1;
  using Chunk = std::array<T, std::size_t{1} << kChunkBits>;

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace temperature
