#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

// A whole number as a token, of which there are few, and so many further bits: small numbers are tokens
// by themselves, of larger ones a token says the highest two bits and where they are.
namespace temperature::history {

inline constexpr unsigned kTokensPlain = 32;
inline constexpr unsigned kTokens = kTokensPlain + (64 - 5) * 2;

constexpr unsigned token_of(std::uint64_t number) {
  if (number < kTokensPlain) [[likely]] {
    return static_cast<unsigned>(number);
  }
  const auto highest = static_cast<unsigned>(std::bit_width(number)) - 1;
  return kTokensPlain + (highest - 5) * 2 + static_cast<unsigned>((number >> (highest - 1)) & 1U);
}

// How many bits stand beside a token.
constexpr unsigned extra_bits_of(unsigned token) {
  return token < kTokensPlain ? 0 : (token - kTokensPlain) / 2 + 4;
}

// The smallest number that has this token.
constexpr std::uint64_t number_of(unsigned token) {
  return token < kTokensPlain ? token : std::uint64_t{2 + (token & 1U)} << extra_bits_of(token);
}

// What a token's neighbours before it tell of its size: the context in which it is coded.
inline constexpr unsigned kContexts = 6;
inline constexpr auto kContextOf = [] {
  std::array<std::uint8_t, std::size_t{2} * kTokens> contexts{};
  for (unsigned sum = 0; sum < contexts.size(); ++sum) {
    const auto width = static_cast<unsigned>(std::bit_width(sum));
    contexts[sum] = static_cast<std::uint8_t>(width < kContexts ? width : kContexts - 1);
  }
  return contexts;
}();

}  // namespace temperature::history
