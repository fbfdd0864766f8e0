#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "model/ids.h"

namespace temperature::limits {

// Rows of the journal that were repeats or conflicts and are remembered until the database is past them; when there are
// more, the database is asked for each reading up to there whether it has it.
inline constexpr std::size_t kNotTakenRowsMax = 1'000'000;

}  // namespace temperature::limits

namespace temperature::mirror {

// Which rows of the journal's records the windows did not take, so that whoever reads the journal again knows the fresh
// ones. Thread-safe: the journal's thread adds, the mirror's asks.
class NotTakenRows {
 public:
  // In order of position. `rows`: in order.
  void add(Position record, std::span<const std::uint32_t> rows);

  // The rows of that record, in order; none when all were fresh.
  [[nodiscard]] std::vector<std::uint32_t> of(Position record) const;
  // Nothing is known of records up to this one.
  [[nodiscard]] Position unknown_upto() const;
  // Records up to this one are not asked for any more.
  void forget(Position upto);

 private:
  struct Record {
    Position position;
    std::vector<std::uint32_t> rows;
  };
  mutable std::mutex mutex_;
  std::deque<Record> records_;  // in order of position
  std::size_t rows_ = 0;
  Position unknown_upto_;
};

}  // namespace temperature::mirror
