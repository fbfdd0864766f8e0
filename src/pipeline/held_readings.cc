#include "pipeline/held_readings.h"

#include <algorithm>
#include <utility>

namespace temperature::pipeline {
namespace {

std::pair<Slot, Timestamp> order_of(const window::SlotSample& kept) {
  return {kept.slot, kept.sample.timestamp};
}

}  // namespace

HeldReadings::HeldReadings(const catalogue::Catalogue& catalogue, const window::Windows& windows,
                           const history::HistorySource& history, const Retention& retention, const Clock& clock,
                           WindowId window, Timestamp from, Timestamp to)
    : from_(std::max(from, retention.keep_from(catalogue.window(window).quantity, clock.now()))) {
  floor_ = windows.collect(window, from_, to, std::nullopt, kept_);
  std::ranges::sort(kept_, {}, order_of);
  view_ = history.view();  // after memory: what has left it in between is here
}

Result<Timestamp> HeldReadings::read(const catalogue::SeriesInfo& series, Timestamp from, Timestamp to,
                                     std::size_t limit, std::vector<Sample>& out) {
  from = std::max(from, from_);
  Timestamp known = to;
  stored_.clear();
  if (from < std::min(to, floor_)) {
    auto read = view_->read(series.id, from, std::min(to, floor_), limit, stored_);
    if (!read) return std::unexpected(std::move(read.error()));
    if (stored_.size() == limit) known = tick_after(stored_.back().timestamp);
  }
  const Slot slot = series.place.slot;
  auto kept = std::ranges::lower_bound(kept_, std::pair(slot, from), {}, order_of);
  auto stored = stored_.begin();
  std::size_t taken = 0;
  Timestamp last = kTimestampMin;
  while (true) {
    const bool has_kept = kept != kept_.end() && kept->slot == slot && kept->sample.timestamp < known;
    if (!has_kept && stored == stored_.end()) return known;
    if (taken == limit) return tick_after(last);
    const bool memory_first = has_kept && (stored == stored_.end() || kept->sample.timestamp <= stored->timestamp);
    if (memory_first && stored != stored_.end() && kept->sample.timestamp == stored->timestamp) ++stored;
    out.push_back(memory_first ? (kept++)->sample : *stored++);
    last = out.back().timestamp;
    ++taken;
  }
}

}  // namespace temperature::pipeline
