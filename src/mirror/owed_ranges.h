#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace temperature::limits {

// Separate ranges of time of one room's quantity that are owed to the database; the nearest two become one, with what
// lies between them.
inline constexpr std::size_t kOwedRangesPerWindowMax = 4;

}  // namespace temperature::limits

namespace temperature::mirror {

// Readings of a room's quantity with from <= timestamp < to, which the database may not have as the service has them.
struct OwedRange {
  WindowId window;
  Timestamp from;
  Timestamp to;

  bool operator==(const OwedRange&) const = default;
};

// A set of such ranges, which may be wider than what was added but never narrower. A value; one thread at a time.
class OwedRanges {
 public:
  void add(const OwedRange& range);

  // Takes the first one out, in order of window and time.
  std::optional<OwedRange> take();

  [[nodiscard]] bool empty() const { return windows_.empty(); }
  [[nodiscard]] std::size_t size() const { return count_; }  // ranges
  [[nodiscard]] std::size_t windows() const { return windows_.size(); }
  [[nodiscard]] std::vector<OwedRange> all() const;

  bool operator==(const OwedRanges&) const = default;

 private:
  struct Range {
    Timestamp from;
    Timestamp to;
    bool operator==(const Range&) const = default;
  };
  using Ranges = std::vector<Range>;  // in order, apart from each other

  static void add(Ranges& ranges, Range range);

  std::map<std::uint32_t, Ranges> windows_;  // none of them empty
  std::size_t count_ = 0;
};

}  // namespace temperature::mirror
