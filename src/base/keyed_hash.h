#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace temperature {

// Hashes of what outsiders choose: names, addresses, tokens. They depend on a secret of 192 random bytes that the
// process draws from the operating system when it hashes first, so nobody outside can make names that have one hash and
// so fill one chain of a table, which then takes quadratic time (Crosby and Wallach, "Denial of Service via Algorithmic
// Complexity Attacks", 2003). Other processes have other hashes: no file, no answer and no order in one depends on
// them.
//
// XXH3 with a whole secret (XXH3_64bits_withSecret), which is mixed into inputs of every length. Not with a seed: a
// seed of 64 bits only shifts a secret that everybody knows, and of short inputs little is left to guess. No proof says
// that XXH3 cannot be attacked, as there is an analysis of SipHash; but no attack is known on a secret that never
// shows, not even in part: hashes are not given out. Names of 10 to 60 bytes take 9 ns, 42 ns by SipHash-2-4, 14 ns by
// libstdc++'s std::hash (which has colliding names under every seed: Aumasson and Bernstein, 2012).
//
// Thread-safe.
[[nodiscard]] std::uint64_t keyed_hash(std::string_view bytes);
[[nodiscard]] std::uint64_t keyed_hash(std::uint64_t number);

// Of several texts in their order; where one ends and the next begins counts.
template <std::convertible_to<std::string_view>... Texts>
[[nodiscard]] std::uint64_t keyed_hash_of(const Texts&... texts) {
  const std::array<std::uint64_t, sizeof...(texts)> hashes{keyed_hash(std::string_view(texts))...};
  return keyed_hash(std::string_view(reinterpret_cast<const char*>(hashes.data()), sizeof(hashes)));
}

// For hash tables with texts or numbers as keys; with std::equal_to<> a std::string is found by a std::string_view.
struct KeyedHash {
  using is_transparent = void;
  using is_avalanching = void;  // Boost need not mix it again

  std::size_t operator()(std::string_view text) const { return keyed_hash(text); }
  std::size_t operator()(std::uint64_t number) const { return keyed_hash(number); }
};

}  // namespace temperature
