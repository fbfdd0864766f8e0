#include "testing/colliding_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

namespace temperature::testing {
namespace {

constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995U;
constexpr std::uint64_t kSeed = 0xc70f6907U;
constexpr std::uint64_t kState = 0x123456789abcdef1U;  // behind the last word; any other does
constexpr std::size_t kTailBytes = 16;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

constexpr std::uint64_t shift_mix(std::uint64_t word) {  // its own inverse
  return word ^ (word >> 47U);
}

constexpr std::uint64_t inverse(std::uint64_t odd) {  // modulo 2^64, by Newton's iteration
  std::uint64_t result = odd;
  for (int i = 0; i < 6; ++i) result *= 2 - odd * result;
  return result;
}

constexpr std::uint64_t with_word(std::uint64_t state, std::uint64_t word) {
  return (state ^ shift_mix(word * kFactor) * kFactor) * kFactor;
}

bool is_plain(char c) {
  return c != '\0' && !std::string_view(" ,=\"\\#\r\n\t").contains(c);
}

}  // namespace

std::vector<std::string> colliding_names(std::size_t count, std::string_view prefix) {
  std::mt19937_64 random(17);
  std::uint64_t before = kSeed ^ ((prefix.size() + kTailBytes) * kFactor);
  for (std::size_t at = 0; at < prefix.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, prefix.data() + at, sizeof(word));
    before = with_word(before, word);
  }
  constexpr std::uint64_t kBack = inverse(kFactor);
  std::vector<std::string> names;
  while (names.size() < count) {
    char tail[kTailBytes];
    std::uint64_t bits = random();
    for (int i = 0; i < 8; ++i, bits >>= 6U) tail[i] = kLetters[bits & 63U];
    std::uint64_t first = 0;
    std::memcpy(&first, tail, sizeof(first));
    const std::uint64_t second = shift_mix((with_word(before, first) ^ (kState * kBack)) * kBack) * kBack;
    std::memcpy(tail + sizeof(first), &second, sizeof(second));
    if (!std::ranges::all_of(tail, is_plain)) continue;
    names.push_back(std::string(prefix).append(tail, kTailBytes));
  }
  return names;
}

std::vector<std::string> ordinary_names(std::size_t count, std::string_view prefix) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{:016}", prefix, i));
  return names;
}

}  // namespace temperature::testing
