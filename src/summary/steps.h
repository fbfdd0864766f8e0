#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "model/reading.h"

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

// Visits samples, which are in order of time and within the steps, stretch by stretch.
template <class Visit>
void for_each_stretch(std::span<const Sample> samples, const Steps& steps, Visit visit) {
  while (!samples.empty()) {
    const std::size_t stretch = steps.index(samples.front().timestamp);
    const auto next = std::ranges::lower_bound(samples, steps.part(stretch, 1).to, {}, &Sample::timestamp);
    const auto mine = samples.first(static_cast<std::size_t>(next - samples.begin()));
    visit(stretch, mine);
    samples = samples.subspan(mine.size());
  }
}

}  // namespace temperature::summary
