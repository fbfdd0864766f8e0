#include "mirror/owed_ranges.h"

#include <algorithm>

namespace temperature::mirror {

void OwedRanges::add(const OwedRange& range) {
  if (range.from >= range.to) return;
  Ranges& ranges = windows_[range.window.value()];
  const std::size_t before = ranges.size();
  add(ranges, {range.from, range.to});
  count_ += ranges.size() - before;  // modulo 2^64 when some became one
}

void OwedRanges::add(Ranges& ranges, Range range) {
  // Those that it touches become one with it.
  const auto first = std::ranges::lower_bound(ranges, range.from, {}, &Range::to);
  auto last = first;
  for (; last != ranges.end() && last->from <= range.to; ++last) {
    range.from = std::min(range.from, last->from);
    range.to = std::max(range.to, last->to);
  }
  ranges.insert(ranges.erase(first, last), range);
  if (ranges.size() <= limits::kOwedRangesPerWindowMax) return;
  std::size_t nearest = 0;
  for (std::size_t i = 1; i + 1 < ranges.size(); ++i) {
    if (ranges[i + 1].from - ranges[i].to < ranges[nearest + 1].from - ranges[nearest].to) nearest = i;
  }
  ranges[nearest].to = ranges[nearest + 1].to;
  ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
}

std::optional<OwedRange> OwedRanges::take() {
  if (windows_.empty()) return std::nullopt;
  const auto first = windows_.begin();
  const Range range = first->second.front();
  const OwedRange taken{WindowId(first->first), range.from, range.to};
  first->second.erase(first->second.begin());
  if (first->second.empty()) windows_.erase(first);
  --count_;
  return taken;
}

std::vector<OwedRange> OwedRanges::all() const {
  std::vector<OwedRange> all;
  all.reserve(count_);
  for (const auto& [window, ranges] : windows_) {
    for (const auto& [from, to] : ranges) all.push_back({WindowId(window), from, to});
  }
  return all;
}

}  // namespace temperature::mirror
