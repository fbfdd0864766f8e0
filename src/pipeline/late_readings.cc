#include "pipeline/late_readings.h"

#include <algorithm>

namespace temperature::pipeline {

Result<LateReadings> look_up_late(const ReadingColumns& rows, const window::Windows& windows,
                                  const history::History& history, const HistoryGeneration& generation) {
  LateReadings late;
  late.generation = generation.load(std::memory_order_acquire);
  {
    const window::Windows::Floors floors(windows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.timestamps[row] < floors[rows.places[row].window]) late.rows.push_back({row, std::nullopt});
    }
  }
  for (auto& [row, stored] : late.rows) {
    auto found = history.find(rows.series[row], rows.timestamps[row]);
    if (!found) return std::unexpected(std::move(found.error()));
    stored = *found;
  }
  return late;
}

LateArchive::LateArchive(const ReadingColumns& rows, const LateReadings* late, const history::History& history,
                         const HistoryGeneration& generation)
    : rows_(rows), late_(late), history_(history), generation_(generation) {}

std::optional<double> LateArchive::stored(std::size_t row) {
  // Called under the window's lock and after the window was searched: a flush that took the reading
  // away from there has raised the generation before.
  if (late_ != nullptr && late_->generation == generation_.load(std::memory_order_acquire)) {
    const auto found = std::ranges::lower_bound(late_->rows, row, {}, &LateReadings::Row::row);
    if (found != late_->rows.end() && found->row == row) return found->stored;
  }
  auto found = history_.find(rows_.series[row], rows_.timestamps[row]);
  if (found) return *found;
  if (!trouble_) trouble_ = std::move(found.error());
  return std::nullopt;
}

}  // namespace temperature::pipeline
