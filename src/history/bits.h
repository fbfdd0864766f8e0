#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace temperature::history {

// Numbers modulo 2^64 near 0 on either side as small ones: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
constexpr std::uint64_t zigzag(std::uint64_t number) {
  return (number << 1U) ^ (0 - (number >> 63U));
}
constexpr std::uint64_t unzigzag(std::uint64_t symbol) {
  return (symbol >> 1U) ^ (0 - (symbol & 1U));
}

// How many bits a varint has.
constexpr std::uint64_t varint_bits(std::uint64_t number) {
  return 8 * ((static_cast<std::uint64_t>(std::bit_width(number | 1U)) + 6) / 7);
}

// The greatest number of so many bits.
constexpr std::uint64_t ones(unsigned width) {
  return width == 0 ? 0 : ~std::uint64_t{0} >> (64 - width);
}

// Appends numbers of any width to a string, the lowest bit first. finish() fills up the last byte.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  // `value` < 2^width, `width` <= 64.
  void write(std::uint64_t value, unsigned width) {
    held_ |= value << filled_;
    if (filled_ + width < 64) {
      filled_ += width;
      return;
    }
    out_.append(reinterpret_cast<const char*>(&held_), sizeof held_);
    held_ = filled_ == 0 ? 0 : value >> (64 - filled_);
    filled_ = filled_ + width - 64;
  }

  // Elias' gamma code: short for small numbers. `value` > 0.
  void write_gamma(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value)) - 1;
    write(std::uint64_t{1} << width, width + 1);  // `width` zeros and a one
    write(value & ((std::uint64_t{1} << width) - 1), width);
  }

  void finish() {
    out_.append(reinterpret_cast<const char*>(&held_), (filled_ + 7) / 8);
    held_ = 0;
    filled_ = 0;
  }

 private:
  std::string& out_;
  std::uint64_t held_ = 0;
  unsigned filled_ = 0;
};

// Reads them back. Past the end there are zeros, and ok() is false from then on.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return at_ <= bytes_.size() * 8; }
  // The bytes read from, the last one perhaps in part.
  [[nodiscard]] std::size_t bytes_read() const { return (at_ + 7) / 8; }

  std::uint64_t read(unsigned width) { return read(width, ones(width)); }

  // The same for whom knows ones(width) already.
  std::uint64_t read(unsigned width, std::uint64_t ones_of_width) {
    const std::size_t byte = at_ / 8;
    const auto shift = static_cast<unsigned>(at_ % 8);
    at_ += width;
    std::uint64_t value = load(byte) >> shift;
    if (shift + width > 64) value |= load(byte + 8) << (64 - shift);
    return value & ones_of_width;
  }

  // Gives 0, which is no gamma code, for what none begins with.
  std::uint64_t read_gamma() {
    unsigned width = 0;
    while (width < 64 && ok() && read(1) == 0) ++width;
    return width == 64 || !ok() ? 0 : std::uint64_t{1} << width | read(width);
  }

 private:
  [[nodiscard]] std::uint64_t load(std::size_t byte) const {
    std::uint64_t word = 0;
    if (byte + sizeof word <= bytes_.size()) [[likely]] {
      std::memcpy(&word, bytes_.data() + byte, sizeof word);
    } else if (byte < bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, bytes_.size() - byte);
    }
    return word;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;  // in bits
};

}  // namespace temperature::history
