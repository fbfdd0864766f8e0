#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

// Decimal digits, eight at a time in one register.
namespace temperature::ingest {

static_assert(std::endian::native == std::endian::little, "the first digit must be the lowest byte");

inline constexpr std::uint64_t kTenToThe[] = {1,       10,        100,        1'000,       10'000,
                                              100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// A whole number without a sign as it is read. `value` is right while `digits` is at most kDigitsMax.
struct Digits {
  static constexpr std::uint32_t kDigitsMax = 19;  // ten to the 19th fits 64 bits

  std::uint64_t value = 0;
  std::uint32_t digits = 0;  // leading zeros counted
};

// Takes digits from `at` on; stops at the first byte that is none, or at `end`. (Lemire, "Quickly parsing eight
// digits", 2018; here the digits that there are move to the register's end, so that any number of them takes one turn.)
[[gnu::always_inline]] inline const char* take_digits(const char* at, const char* end, Digits& taken) {
  while (end - at >= 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof(bytes));
    bytes ^= 0x3030'3030'3030'3030;  // a digit's byte is its value now
    const std::uint64_t others = ((bytes + 0x7676'7676'7676'7676) | bytes) & 0x8080'8080'8080'8080;
    const auto count = static_cast<std::uint32_t>(others == 0 ? 8 : std::countr_zero(others) / 8);
    if (count == 0) return at;
    bytes <<= 64 - 8 * count;
    bytes = bytes * 10 + (bytes >> 8U);
    const std::uint64_t high = (bytes & 0x0000'00ff'0000'00ff) * (100 + (std::uint64_t{1'000'000} << 32U));
    const std::uint64_t low = (bytes >> 16U & 0x0000'00ff'0000'00ff) * (1 + (std::uint64_t{10'000} << 32U));
    taken.value = taken.value * kTenToThe[count] + ((high + low) >> 32U);
    taken.digits += count;
    at += count;
    if (count < 8) return at;
  }
  for (unsigned digit = 0; at != end && (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) <= 9; ++at) {
    taken.value = taken.value * 10 + digit;
    ++taken.digits;
  }
  return at;
}

}  // namespace temperature::ingest
