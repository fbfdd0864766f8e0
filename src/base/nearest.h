#pragma once

#include <span>
#include <string>
#include <string_view>

namespace temperature {

// How many letters must be put in, left out, replaced or swapped with their neighbour to make one of the other
// (Damerau-Levenshtein, optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The word of `known` that takes the fewest such changes to come from `word`, however many; the first of several. Empty
// when nothing is known.
std::string nearest(std::string_view word, std::span<const std::string> known);

// Which candidate is most likely meant by a word that is none of them: few letters differ, or the word shortens it
// ("ls" of "list"). Empty: none is near. The first of several that are as near.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

// "; did you mean "serve"?"; empty when none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace temperature
