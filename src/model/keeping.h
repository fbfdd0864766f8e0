#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/retention.h"

namespace temperature {

// A retention at a moment: what it keeps, and what it does not.
struct KeepingCut {
  Timestamp at = kTimestampMin;
  Retention retention = {};

  // The first moment that it keeps of a quantity; empty: of those that have no length of their own.
  [[nodiscard]] Timestamp keep_from(std::string_view quantity) const { return retention.keep_from(quantity, at); }
  bool operator==(const KeepingCut&) const = default;
};

// What is to be forgotten, but was said first.
struct KeepingNotice {
  KeepingCut cut = {};
  std::uint64_t readings = 0;  // that were counted
  Duration left{0};            // of the wait, which only a service that runs counts down
  bool operator==(const KeepingNotice&) const = default;
};

// What a data folder knows of how its readings are kept: what time it was last, and what its retention came to. A plain
// value; it is in the file KEEPING (docs/formats/keeping.md).
struct Keeping {
  using Cut = KeepingCut;
  using Notice = KeepingNotice;

  std::optional<Timestamp> known;      // the last time that the service knew
  std::optional<Retention> retention;  // with which it ran last
  // The shortest retentions below a day with which it ran, by quantity; empty: those without one of their own.
  std::map<std::string, Duration, std::less<>> shortest;
  std::optional<Cut> forgotten;  // everything that this did not keep
  std::optional<Notice> notice;

  bool operator==(const Keeping&) const = default;
};

}  // namespace temperature
