#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "history/tokens.h"

// Tokens in about as many bits as their entropy, runs in next to none: range coding with asymmetric
// numeral systems (J. Duda, arXiv:1311.2540). The tokens are cut into lanes of equal length which are
// coded side by side, so that a processor works on all at once. docs/formats/chunk.md draws the bytes.
namespace temperature::history {

// How often each token occurs, by the context it occurs in.
using TokenCounts = std::array<std::array<std::uint32_t, kTokens>, kContexts>;

// Counts the tokens by the sum of the two before each of them, lane by lane.
void count_tokens(std::span<const std::uint8_t> tokens, TokenCounts& counts);

// The probabilities that tokens are coded with, and what coding costs with them.
class TokenModel {
 public:
  // Chooses between one context and all of them, whichever makes `counts` smaller.
  TokenModel(const TokenCounts& counts, std::size_t tokens);

  // Bytes that append() will take, to within a few.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  void append(std::string& out, std::span<const std::uint8_t> tokens) const;

 private:
  using Shares = std::array<std::uint16_t, kTokens>;  // of 2^scale; all 0 where nothing occurs

  // The shares, and about how many bytes the models and the tokens take with them.
  std::size_t choose(std::span<const std::array<std::uint32_t, kTokens>> counts, std::span<Shares> shares) const;
  static Shares shares_of(const std::array<std::uint32_t, kTokens>& counts, unsigned scale);

  unsigned scale_;
  unsigned contexts_ = 1;
  std::array<Shares, kContexts> shares_;
  std::size_t bytes_ = 0;
};

// Reads as many tokens as `tokens` has room for. False when the bytes are not what append() writes.
bool read_tokens(ByteReader& in, std::span<std::uint8_t> tokens);

}  // namespace temperature::history
