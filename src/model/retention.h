#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace temperature {

// How long readings are kept, by quantity. A plain value. What is older is neither taken nor shown, to the millisecond.
class Retention {
 public:
  Retention() = default;  // for ever
  explicit Retention(Duration others) : others_(others), shortest_(others) {}

  // Durations are 0 or more; 0: for ever.
  void keep_others(Duration length) {  // of the quantities that have none of their own
    others_ = length;
    find_shortest();
  }
  void keep(std::string_view quantity, Duration length) {
    own_.insert_or_assign(std::string(quantity), length);
    find_shortest();
  }

  [[nodiscard]] Duration of(std::string_view quantity) const {
    if (own_.empty()) return others_;
    const auto own = own_.find(quantity);
    return own == own_.end() ? others_ : own->second;
  }

  // The first moment that is kept at `now`; kTimestampMin when all are.
  [[nodiscard]] Timestamp keep_from(std::string_view quantity, Timestamp now) const { return back(now, of(quantity)); }
  // From this moment on readings of every quantity are kept: one comparison for most.
  [[nodiscard]] Timestamp keep_all_from(Timestamp now) const { return back(now, shortest_); }

  [[nodiscard]] bool for_ever() const { return shortest_ == Duration(0); }

  // The different ones, the longest first; without 0.
  [[nodiscard]] std::vector<Duration> lengths() const {
    std::vector<Duration> all{others_};
    for (const auto& [quantity, length] : own_) all.push_back(length);
    std::ranges::sort(all, std::greater());
    all.erase(std::ranges::unique(all).begin(), all.end());
    if (all.back() == Duration(0)) all.pop_back();
    return all;
  }

  // Of the quantities that have none of their own, and those that have.
  [[nodiscard]] Duration others() const { return others_; }
  [[nodiscard]] const std::map<std::string, Duration, std::less<>>& own() const { return own_; }

  // As people write it: "400d, co2=30d", "for ever, co2=30d".
  [[nodiscard]] std::string text() const;

  bool operator==(const Retention&) const = default;

 private:
  static Timestamp back(Timestamp now, Duration length) {
    return length == Duration(0) || now < kTimestampMin + length ? kTimestampMin : now - length;
  }

  void find_shortest() {
    const auto all = lengths();
    shortest_ = all.empty() ? Duration(0) : all.back();
  }

  Duration others_{0};
  Duration shortest_{0};  // 0: none
  std::map<std::string, Duration, std::less<>> own_;
};

}  // namespace temperature
