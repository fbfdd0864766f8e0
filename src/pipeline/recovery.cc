#include "pipeline/recovery.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/limits.h"

namespace temperature::pipeline {
namespace {

// Fills a window from the history, down to `span` behind its newest reading.
Result<void> fill(WindowId id, Timestamp newest, Duration span, const catalogue::Catalogue& catalogue,
                  const history::History& history, window::Windows& windows) {
  const Timestamp floor = newest - span;
  std::vector<window::SlotSample> samples;
  std::vector<Sample> of_series;
  for (const auto& series : catalogue.window_series(id)) {
    of_series.clear();
    auto read = history.read(series.id, floor, kTimestampMax, std::numeric_limits<std::size_t>::max(), of_series);
    if (!read) return read;
    for (const Sample& sample : of_series) samples.push_back({series.place.slot, sample});
  }
  std::ranges::stable_sort(samples, {}, [](const auto& each) { return each.sample.timestamp; });
  windows.restore(id, floor, samples);
  return {};
}

}  // namespace

Result<journal::Recovery> recover(catalogue::Catalogue& catalogue, window::Windows& windows, history::History& history,
                                  journal::Journal& journal, Applier& applier, Duration window_span, Timestamp now) {
  auto defined = history.read_definitions(
      [&](const catalogue::Definition& definition) -> Result<void> { return catalogue.restore(definition); });
  if (!defined) return std::unexpected(std::move(defined.error()));

  std::vector<Timestamp> newest(catalogue.window_count(), kTimestampMin);
  auto extents = history.read_extents([&](const history::SeriesExtent& extent) {
    const Place place = catalogue.place(extent.series);
    windows.restore_newest(place, extent.newest);
    newest[place.window.value()] = std::max(newest[place.window.value()], extent.newest.timestamp);
  });
  if (!extents) return std::unexpected(std::move(extents.error()));

  for (std::uint32_t i = 0; i < newest.size(); ++i) {
    if (newest[i] == kTimestampMin) continue;  // nothing in the history
    if (newest[i] < now - limits::kRecoveredActivity) {
      windows.restore(WindowId(i), newest[i] + Duration(1), {});
    } else if (auto filled = fill(WindowId(i), newest[i], window_span, catalogue, history, windows); !filled) {
      return std::unexpected(std::move(filled.error()));
    }
  }

  auto recovery = journal.start(history.safe_position(), applier);
  if (!recovery) return recovery;
  if (auto trouble = applier.trouble()) return std::unexpected(std::move(*trouble));
  return recovery;
}

}  // namespace temperature::pipeline
