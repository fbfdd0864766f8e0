#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "model/reading.h"

namespace temperature {

// Which values of a quantity are taken, both ends included, in the unit in which the quantity is kept.
struct ValueRange {
  double lowest = std::numeric_limits<double>::lowest();
  double highest = std::numeric_limits<double>::max();

  [[nodiscard]] bool contains(double value) const { return value >= lowest && value <= highest; }
  bool operator==(const ValueRange&) const = default;
};

// Degrees Celsius: no temperature is lower.
inline constexpr double kAbsoluteZero = -273.15;

// The ranges of all quantities; that of temperature never reaches below absolute zero. They judge what comes from
// outside, and nothing that is stored. A plain value.
class ValueRanges {
 public:
  ValueRanges() { keep(kQuantityDefault, {}); }

  // REQUIRES: range.lowest <= range.highest.
  void keep(std::string_view quantity, ValueRange range) {
    if (quantity == kQuantityDefault) range.lowest = std::max(range.lowest, kAbsoluteZero);
    own_.insert_or_assign(std::string(quantity), range);
    narrowest_.lowest = std::numeric_limits<double>::lowest();
    narrowest_.highest = std::numeric_limits<double>::max();
    for (const auto& [name, its] : own_) {
      narrowest_.lowest = std::max(narrowest_.lowest, its.lowest);
      narrowest_.highest = std::min(narrowest_.highest, its.highest);
    }
  }

  [[nodiscard]] ValueRange of(std::string_view quantity) const {
    const auto own = own_.find(quantity);
    return own == own_.end() ? ValueRange{} : own->second;
  }

  // What this contains, the range of every quantity contains: one comparison for most values. May be empty.
  [[nodiscard]] const ValueRange& of_all() const { return narrowest_; }

  bool operator==(const ValueRanges&) const = default;

 private:
  ValueRange narrowest_;
  std::map<std::string, ValueRange, std::less<>> own_;
};

}  // namespace temperature
