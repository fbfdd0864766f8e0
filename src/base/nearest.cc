#include "base/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace temperature {
namespace {

constexpr std::size_t kWordBytesMax = 256;  // a longer word is nobody's typing error
constexpr std::size_t kLettersWrongMax = 3;

// The letters of `word` stand in `candidate` in this order, the first of both being the same. A flag is shortened to
// its beginning alone.
bool shortens(std::string_view word, std::string_view candidate) {
  if (word.starts_with('-')) return word.size() > 3 && candidate.starts_with(word);
  if (word.size() < 2 || !candidate.starts_with(word.front())) return false;
  std::size_t taken = 0;
  for (const char c : candidate) {
    if (taken < word.size() && word[taken] == c) ++taken;
  }
  return taken == word.size();
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row.back();
}

std::string nearest(std::string_view word, std::span<const std::string> known) {
  std::string found;
  std::size_t distance = SIZE_MAX;
  for (const std::string& each : known) {
    if (const std::size_t its = edit_distance(word, each); its < distance) {
      distance = its;
      found = each;
    }
  }
  return found;
}

std::string nearest_word(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > kWordBytesMax) return {};
  const std::string* meant = nullptr;
  std::size_t distance = SIZE_MAX;
  for (const std::string& candidate : candidates) {
    const std::size_t its = edit_distance(word, candidate);
    const bool near = its <= std::min(kLettersWrongMax, (std::max(word.size(), candidate.size()) + 1) / 3);
    if ((near || shortens(word, candidate)) && its < distance) {
      distance = its;
      meant = &candidate;
    }
  }
  return meant == nullptr ? std::string() : *meant;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string meant = nearest_word(word, candidates);
  return meant.empty() ? meant : fmt::format("; did you mean \"{}\"?", meant);
}

}  // namespace temperature
