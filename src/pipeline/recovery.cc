#include "pipeline/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "base/time.h"
#include "window/window.h"

namespace temperature::pipeline {
namespace {

// What the history says of each series and each window: their newest readings, kTimestampMin for none.
struct Newest {
  std::vector<Timestamp> by_series;
  std::vector<Timestamp> by_window;
};

// Fills a window from the history, down to `span` behind its newest reading that is not ahead of `now`, as far as those
// that are ahead are not too many (limits::kReadingsAheadKept). Those of a flush that a crash interrupted are among
// them; the journal delivers them again, and they are known then.
Result<void> fill(WindowId id, const Newest& newest_of, Duration span, Timestamp now,
                  const catalogue::Catalogue& catalogue, const history::History& history, window::Windows& windows) {
  const Timestamp newest = newest_of.by_window[id.value()];
  const auto view = history.view();
  std::vector<window::SlotSample> samples;
  std::vector<Sample> of_series;
  const auto read = [&](Timestamp from, Timestamp to, std::size_t most) -> Result<void> {
    for (const auto& series : catalogue.window_series(id)) {
      if (newest_of.by_series[series.id.value()] < from) continue;
      of_series.clear();
      if (auto found = view->read(series.id, from, to, most, of_series); !found) return found;
      most -= of_series.size();
      for (const Sample& sample : of_series) samples.push_back({series.place.slot, sample});
    }
    return {};
  };
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
  const Timestamp last = std::min(newest, now);
  Timestamp floor = last - span;
  if (auto done = read(floor, last + kTick, kAll); !done) return done;
  const std::size_t most = samples.size() + std::max(limits::kReadingsAheadKept, samples.size());
  if (newest > last) {
    if (auto done = read(last + kTick, newest + kTick, most - samples.size() + 1); !done) return done;
  }
  if (samples.size() > most) {
    samples.clear();
    floor = newest - span;
    if (auto done = read(floor, newest + kTick, kAll); !done) return done;
  }
  std::ranges::sort(samples, {}, [](const auto& each) { return each.sample.timestamp; });
  windows.restore(id, floor, samples);
  return {};
}

}  // namespace

Result<journal::Recovery> recover(catalogue::Catalogue& catalogue, window::Windows& windows, history::History& history,
                                  journal::Journal& journal, Applier& applier, Duration window_span, Timestamp now) {
  auto defined = history.read_definitions(
      [&](const catalogue::Definition& definition) -> Result<void> { return catalogue.restore(definition); });
  if (!defined) return std::unexpected(std::move(defined.error()));

  Newest newest{std::vector(catalogue.series_count(), kTimestampMin),
                std::vector(catalogue.window_count(), kTimestampMin)};
  std::uint64_t series_stored = 0;
  auto extents = history.read_extents([&](const history::SeriesExtent& extent) {
    series_stored = std::max(series_stored, extent.series.value() + std::uint64_t{1});
    // Written by a flush that a crash interrupted: the journal defines it, and delivers its readings again.
    if (extent.series.value() >= newest.by_series.size()) return;
    const Place place = catalogue.place(extent.series);
    if (extent.exact) {
      windows.restore_newest(place, extent.newest);
    } else {
      windows.restore_newest_bound(place, extent.newest.timestamp);
    }
    newest.by_series[extent.series.value()] = extent.newest.timestamp;
    Timestamp& of_window = newest.by_window[place.window.value()];
    of_window = std::max(of_window, extent.newest.timestamp);
  });
  if (!extents) return std::unexpected(std::move(extents.error()));
  for (std::uint32_t i = 0; i < newest.by_window.size(); ++i) {
    const Timestamp of_window = newest.by_window[i];
    if (of_window == kTimestampMin) continue;  // nothing in the history
    if (of_window < now - limits::kRecoveredActivity) {
      windows.restore(WindowId(i), of_window + Duration(1), {});
    } else if (auto filled = fill(WindowId(i), newest, window_span, now, catalogue, history, windows); !filled) {
      return std::unexpected(std::move(filled.error()));
    }
  }

  applier.begin_after(history.safe_position());
  auto recovery = journal.start(history.safe_position(), applier);
  if (!recovery) return recovery;
  if (series_stored > catalogue.series_count()) {
    return failure(ErrorCode::history_failed,
                   fmt::format("the history has readings of series {}, which nothing defines", series_stored - 1));
  }
  if (auto trouble = applier.recovery_trouble()) return std::unexpected(std::move(*trouble));
  return recovery;
}

}  // namespace temperature::pipeline
