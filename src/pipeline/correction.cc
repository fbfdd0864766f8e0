#include "pipeline/correction.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace temperature::pipeline {
namespace {

// The rows of one place, in order, against what stands there.
class PlaceCorrection {
 public:
  PlaceCorrection(const ReadingColumns& rows, window::Archive::Stored stored, window::Applied& applied)
      : rows_(rows), stored_(stored), applied_(applied) {}

  void take(std::uint32_t row, std::vector<std::uint32_t>& not_taken) {
    if (last_) {
      ++applied_.duplicates;
      not_taken.push_back(*last_);
    }
    last_ = row;
  }

  // The last one counts.
  void end(CorrectionPlan& plan, std::vector<std::uint32_t>& not_taken) const {
    const std::uint32_t row = *last_;
    const double value = rows_.values[row];
    if (!stored_.known) {
      ++applied_.undecided;
      return not_taken.push_back(row);
    }
    if (stored_.value && *stored_.value == value) {
      ++applied_.duplicates;
      return not_taken.push_back(row);
    }
    ++(stored_.value ? applied_.replaced : applied_.fresh);
    auto& changes = stored_.value ? plan.replaced : plan.added;
    const SeriesId series = rows_.series[row];
    changes.push_back({series, rows_.places[row], {rows_.timestamps[row], value}});
    auto& arrived = applied_.arrived;
    if (!stored_.value && (arrived.empty() || arrived.back() != series)) arrived.push_back(series);
  }

 private:
  const ReadingColumns& rows_;
  const window::Archive::Stored stored_;
  std::optional<std::uint32_t> last_;
  window::Applied& applied_;
};

}  // namespace

CorrectionPlan plan_correction(const ReadingColumns& rows, std::span<const window::Archive::Stored> stored,
                               window::Applied& applied) {
  CorrectionPlan plan;
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  const auto place = [&rows](std::uint32_t row) { return std::pair(rows.series[row], rows.timestamps[row]); };
  std::ranges::stable_sort(order, {}, place);
  std::vector<std::uint32_t> not_taken;
  for (auto at = order.begin(); at != order.end();) {
    const auto its = place(*at);
    PlaceCorrection correction(rows, stored[*at], applied);
    for (; at != order.end() && place(*at) == its; ++at) correction.take(*at, not_taken);
    correction.end(plan, not_taken);
  }
  if (applied.wants_not_taken) {
    std::ranges::sort(not_taken);
    applied.not_taken = std::move(not_taken);
  }
  return plan;
}

void correct_windows(window::Windows& windows, std::span<const PendingDeletion::Corrected> replaced,
                     std::span<const PendingDeletion::Corrected> added, Position position) {
  struct Changes {
    std::vector<window::SlotSample> replaced;
    std::vector<window::SlotSample> added;
  };
  std::map<WindowId, Changes> by_window;
  for (const auto& each : replaced) by_window[each.place.window].replaced.push_back({each.place.slot, each.sample});
  for (const auto& each : added) by_window[each.place.window].added.push_back({each.place.slot, each.sample});
  for (auto& [window, changes] : by_window) {
    for (auto* each : {&changes.replaced, &changes.added}) {
      std::ranges::sort(*each, {}, [](const window::SlotSample& one) { return one.sample.timestamp; });
    }
    windows.correct(window, changes.replaced, changes.added, position);
  }
}

}  // namespace temperature::pipeline
