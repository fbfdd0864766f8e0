#include "pipeline/late_readings.h"

#include <algorithm>

#include "base/time.h"

namespace temperature::limits {

// Series with late readings whose gap in the history is remembered; for others the history is asked again.
inline constexpr std::size_t kKnownGaps = 16'384;

}  // namespace temperature::limits

namespace temperature::pipeline {

KnownGaps::KnownGaps() : gaps_(limits::kKnownGaps) {}

bool KnownGaps::covers(SeriesId series, Timestamp timestamp, std::uint64_t generation) const {
  const std::lock_guard lock(mutex_);
  const Gap& gap = gaps_[place(series)];
  return gap.series == series && gap.generation == generation && timestamp >= gap.from && timestamp < gap.to;
}

void KnownGaps::remember(SeriesId series, const history::Found& found, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  gaps_[place(series)] = {series, generation, found.gap_from, found.gap_to};
}

Result<LateReadings> look_up_late(const ReadingColumns& rows, const window::Windows& windows,
                                  const history::HistorySource& history, const HistoryGeneration& generation,
                                  KnownGaps& gaps, LookUps& look_ups) {
  LateReadings late;
  late.generation = generation.load(std::memory_order_acquire);
  {
    const window::Windows::Floors floors(windows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.timestamps[row] < floors[rows.places[row].window]) late.rows.push_back({row, std::nullopt});
    }
  }
  if (late.rows.empty()) return late;
  const auto fail = [&look_ups](Error error) -> Result<LateReadings> {
    look_ups.failed(error);
    return std::unexpected(std::move(error));
  };
  if (auto refused = look_ups.refuse()) return fail(std::move(*refused));

  // In order of series and time, so that each piece of the history is read once.
  std::vector<LateReadings::Row*> order;
  order.reserve(late.rows.size());
  for (LateReadings::Row& row : late.rows) order.push_back(&row);
  std::ranges::sort(order, {}, [&rows](const LateReadings::Row* row) {
    return std::pair(rows.series[row->row], rows.timestamps[row->row]);
  });
  std::unique_ptr<history::HistoryView> view;
  for (LateReadings::Row* const row : order) {
    const SeriesId series = rows.series[row->row];
    const Timestamp timestamp = rows.timestamps[row->row];
    if (gaps.covers(series, timestamp, late.generation)) continue;
    if (!view) view = history.view();
    auto found = view->find(series, timestamp);
    if (!found) return fail(std::move(found.error()));
    row->stored = found->value;
    if (!found->value) gaps.remember(series, *found, late.generation);
  }
  if (view) look_ups.answered();
  return late;
}

LateArchive::LateArchive(const ReadingColumns& rows, const LateReadings* late, const history::HistorySource& history,
                         const HistoryGeneration& generation, LookUps& look_ups)
    : rows_(rows), late_(late), history_(history), generation_(generation), look_ups_(look_ups) {}

window::Archive::Stored LateArchive::stored(std::size_t row) {
  if (!trouble_) trouble_ = look_ups_.refuse();
  if (trouble_) return {.known = false};
  // Called under the window's lock and after the window was searched: a flush that took the reading
  // away from there has raised the generation before.
  if (late_ != nullptr && late_->generation == generation_.load(std::memory_order_acquire)) {
    const auto found = std::ranges::lower_bound(late_->rows, row, {}, &LateReadings::Row::row);
    if (found != late_->rows.end() && found->row == row) return {.value = found->stored};
  }
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  if (!view_ || view_generation_ != generation) {
    view_ = history_.view();
    view_generation_ = generation;
  }
  auto found = view_->find(rows_.series[row], rows_.timestamps[row]);
  if (found) {
    look_ups_.answered();
    return {.value = found->value};
  }
  trouble_ = std::move(found.error());
  return {.known = false};
}

}  // namespace temperature::pipeline
