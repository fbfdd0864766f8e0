#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace temperature::summary {

// Consecutive stretches of time of equal length, the last one cut at `to`: stretch i is
// from + i * step <= timestamp < min(from + (i + 1) * step, to).
struct Steps {
  Timestamp from;
  Timestamp to;
  Duration step;  // > 0

  // One stretch.
  static Steps whole(Timestamp from, Timestamp to) { return {from, to, std::max(to - from, Duration(1))}; }

  [[nodiscard]] std::size_t count() const {
    return from < to ? static_cast<std::size_t>((to - from - Duration(1)) / step) + 1 : 0;
  }
  [[nodiscard]] bool covers(Timestamp timestamp) const { return timestamp >= from && timestamp < to; }
  [[nodiscard]] bool within_one(Timestamp first, Timestamp last) const {
    return covers(first) && covers(last) && index(first) == index(last);
  }
  // Stretches [begin, begin + stretches) of them.
  [[nodiscard]] Steps part(std::size_t begin, std::size_t stretches) const {
    const auto at = [this](std::size_t stretch) { return from + step * static_cast<std::int64_t>(stretch); };
    return {at(begin), std::min(at(begin + stretches), to), step};
  }
  // Of a moment that they cover.
  [[nodiscard]] std::size_t index(Timestamp timestamp) const {
    return static_cast<std::size_t>((timestamp - from) / step);
  }
};

}  // namespace temperature::summary
