#include "mapping/precision.h"

#include <array>
#include <utility>

namespace temperature::mapping {
namespace {

using Spelling = std::pair<std::string_view, Precision>;

constexpr std::array kSpellings{
    Spelling{"ns", Precision::nanoseconds},    Spelling{"n", Precision::nanoseconds},
    Spelling{"us", Precision::microseconds},   Spelling{"u", Precision::microseconds},
    Spelling{"µs", Precision::microseconds},   Spelling{"µ", Precision::microseconds},
    Spelling{"ms", Precision::milliseconds},   Spelling{"s", Precision::seconds},
    Spelling{"m", Precision::minutes},         Spelling{"h", Precision::hours},
    Spelling{"auto", Precision::by_magnitude},
};

// In full; a plural has an s more.
constexpr std::array kNames{
    Spelling{"nanosecond", Precision::nanoseconds},   Spelling{"microsecond", Precision::microseconds},
    Spelling{"millisecond", Precision::milliseconds}, Spelling{"second", Precision::seconds},
    Spelling{"minute", Precision::minutes},           Spelling{"hour", Precision::hours},
};

}  // namespace

std::optional<Precision> precision_of(std::string_view text) {
  for (const auto& [written, precision] : kSpellings) {
    if (written == text) return precision;
  }
  for (const auto& [name, precision] : kNames) {
    if (text.starts_with(name) && (text.size() == name.size() || text.substr(name.size()) == "s")) return precision;
  }
  return std::nullopt;
}

}  // namespace temperature::mapping
