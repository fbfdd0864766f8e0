#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/reading.h"

namespace temperature::history {

// Puts the samples of one series' day in order while its blocks are appended to `out` one by one.
// Blocks may overlap: of samples with the same timestamp that of the earliest flush stays.
class DayMerge {
 public:
  explicit DayMerge(std::vector<Sample>& out) : out_(out), start_(out.size()) {}

  // The samples appended since the last call came from a block of `flush`, sorted by time.
  void block_appended(std::uint64_t flush);

  // Sorts what was appended since the last end_day() and drops repeats.
  void end_day();

 private:
  std::vector<Sample>& out_;
  std::size_t start_;                                          // of the day
  std::vector<std::pair<std::size_t, std::uint64_t>> blocks_;  // where each ends in out_, its flush
};

}  // namespace temperature::history
