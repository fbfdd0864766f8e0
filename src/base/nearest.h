#pragma once

#include <span>
#include <string>
#include <string_view>

namespace temperature {

// The word of `known` that takes the fewest changes of a character to come from `word` (Levenshtein's distance); the
// first of several. Empty when nothing is known.
std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace temperature
