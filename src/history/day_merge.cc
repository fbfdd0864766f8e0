#include "history/day_merge.h"

#include <algorithm>
#include <functional>

namespace temperature::history {

void DayMerge::block_appended(std::uint64_t flush) {
  blocks_.emplace_back(out_.size(), flush);
}

void DayMerge::end_day() {
  const auto day = out_.begin() + static_cast<std::ptrdiff_t>(start_);
  const bool overlap =
      std::ranges::adjacent_find(day, out_.end(), std::ranges::greater_equal(), &Sample::timestamp) != out_.end();
  if (overlap) {
    struct Candidate {
      Sample sample;
      std::uint64_t flush;
    };
    std::vector<Candidate> candidates;
    candidates.reserve(out_.size() - start_);
    std::size_t at = start_;
    for (const auto& [end, flush] : blocks_) {
      for (; at < end; ++at) candidates.push_back({out_[at], flush});
    }
    std::ranges::sort(candidates, {},
                      [](const Candidate& each) { return std::pair(each.sample.timestamp, each.flush); });
    out_.resize(start_);
    for (const auto& [sample, flush] : candidates) {
      if (out_.size() == start_ || out_.back().timestamp != sample.timestamp) out_.push_back(sample);
    }
  }
  start_ = out_.size();
  blocks_.clear();
}

}  // namespace temperature::history
