#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::client {

// Bytes in order, until they end. One thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills the beginning of `out` (not empty) and returns how many bytes: 0 only at the end.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
};

// Bytes in memory, handed out at most `bytes_at_once` a read.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes, std::size_t bytes_at_once = 1 << 20)
      : bytes_(std::move(bytes)), bytes_at_once_(bytes_at_once) {}

  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t count = std::min({out.size(), bytes_at_once_, bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, count, out.data());
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t bytes_at_once_;
  std::size_t at_ = 0;
};

}  // namespace temperature::client
