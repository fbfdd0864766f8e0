#include "pipeline/room_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "summary/deviation.h"

namespace temperature::pipeline {
namespace {

using summary::Steps;
using summary::Summary;

}  // namespace

// `fold` gets steps and the number of their first stretch.
template <class Fold>
Result<void> RoomReader::without_old(const RoomSeries& room, const Steps& steps, Fold fold) {
  if (room.keep_from <= steps.from) return fold(steps, std::size_t{0});
  if (room.keep_from >= steps.to) return {};
  const std::size_t cut = steps.index(room.keep_from);
  if (auto folded = fold(Steps{room.keep_from, steps.part(cut, 1).to, steps.step}, cut); !folded) return folded;
  const Steps rest = steps.part(cut + 1, steps.count() - cut - 1);
  return rest.from < rest.to ? fold(rest, cut + 1) : Result<void>();
}

Result<void> RoomReader::fold(const RoomSeries& room, const Steps& steps, std::span<Summary> summaries,
                              std::vector<bool>* seen) {
  return without_old(room, steps, [&](const Steps& kept, std::size_t first) {
    return fold_kept(room, kept, summaries.subspan(first, kept.count()), seen);
  });
}

Result<void> RoomReader::fold_with_deviations(const RoomSeries& room, const Steps& steps, std::span<Summary> summaries,
                                              std::span<double> deviations) {
  return without_old(room, steps, [&](const Steps& kept, std::size_t first) {
    return fold_kept_with_deviations(room, kept, summaries.subspan(first, kept.count()),
                                     deviations.subspan(first, kept.count()));
  });
}

Result<void> RoomReader::fold_kept(const RoomSeries& room, const Steps& steps, std::span<Summary> summaries,
                                   std::vector<bool>* seen) {
  if (room.series.empty()) return {};
  kept_.clear();
  parts_.clear();
  Timestamp floor = kTimestampMin;
  for (std::size_t done = 0; done < summaries.size();) {
    const auto folded =
        windows_.fold(room.window, steps.part(done, summaries.size()), room.slot, summaries.subspan(done), kept_, seen);
    floor = folded.floor;  // it only rises
    const Steps whole = steps.part(done, folded.stretches);
    if (whole.from < floor) parts_.push_back({done, {whole.from, std::min(whole.to, floor), steps.step}});
    done += folded.stretches;
  }
  if (parts_.empty()) return {};

  const auto view = history_.view();
  if (auto dropped = drop_stored(*view, room, floor, kept_); !dropped) return dropped;
  for (const auto& [slot, sample] : kept_) {
    summaries[steps.index(sample.timestamp)].add(sample);
    if (seen != nullptr) (*seen)[slot.value()] = true;
  }
  auto folded = fold_stored(*view, room, summaries, seen);
  work_ += view->work();
  return folded;
}

Result<void> RoomReader::fold_stored(history::HistoryView& view, const RoomSeries& room, std::span<Summary> summaries,
                                     std::vector<bool>* seen) {
  for (const auto& series : room.series) {
    for (const auto& [first, steps] : parts_) {
      const std::uint64_t before = summaries[first].count;
      if (auto folded = view.fold(series.id, steps, summaries.subspan(first)); !folded) return folded;
      if (seen != nullptr && summaries[first].count > before) (*seen)[series.place.slot.value()] = true;
    }
  }
  return {};
}

Result<void> RoomReader::drop_stored(history::HistoryView& view, const RoomSeries& room, Timestamp floor,
                                     std::vector<window::SlotSample>& samples) {
  std::vector<std::optional<SeriesId>> series_at(room.series.back().place.slot.value() + std::size_t{1});
  for (const auto& series : room.series) series_at[series.place.slot.value()] = series.id;
  const auto below =
      std::ranges::partition(samples, [floor](const auto& each) { return each.sample.timestamp >= floor; });
  std::ranges::sort(below, {}, [](const auto& each) { return std::pair(each.slot, each.sample.timestamp); });
  Result<void> trouble;
  const auto gone = std::ranges::remove_if(below, [&](const window::SlotSample& each) {
    if (each.slot.value() >= series_at.size() || !series_at[each.slot.value()]) return true;
    if (!trouble) return false;
    const auto found = view.find(*series_at[each.slot.value()], each.sample.timestamp);
    if (!found) trouble = std::unexpected(found.error());
    return found && found->value.has_value();
  });
  samples.erase(gone.begin(), gone.end());
  return trouble;
}

Result<void> RoomReader::fold_kept_with_deviations(const RoomSeries& room, const Steps& steps,
                                                   std::span<Summary> summaries, std::span<double> deviations) {
  if (room.series.empty()) return {};
  // Both passes look at the same readings: copies of those in memory, and one view of the history.
  kept_.clear();
  const Timestamp floor = windows_.collect(room.window, steps.from, steps.to, room.slot, kept_);
  const auto view = history_.view();
  if (auto dropped = drop_stored(*view, room, floor, kept_); !dropped) return dropped;
  for (const auto& each : kept_) summaries[steps.index(each.sample.timestamp)].add(each.sample);
  parts_.clear();
  const Timestamp end = std::min(steps.to, floor);
  if (steps.from < end) {
    parts_.push_back({0, {steps.from, end, steps.step}});
    if (auto folded = fold_stored(*view, room, summaries, nullptr); !folded) return folded;
  }

  std::vector<summary::Deviation> deviating;
  for (const Summary& summary : summaries) {
    if (summary.count > limits::kDeviationReadingsMax) {
      return failure(
          ErrorCode::parameter_invalid,
          fmt::format("stddev looks at every reading, at {} of a bucket at most; one has {}: make step shorter",
                      limits::kDeviationReadingsMax, summary.count));
    }
    deviating.emplace_back(summary);
    work_ += summary.count;
  }
  for (const auto& each : kept_) deviating[steps.index(each.sample.timestamp)].add(each.sample.value);
  for (const auto& series : room.series) {
    for (Timestamp from = steps.from; from < end;) {
      stored_.clear();
      if (auto read = view->read(series.id, from, end, limits::kReadAtOnce, stored_); !read) return read;
      summary::for_each_stretch(stored_, steps, [&](std::size_t stretch, std::span<const Sample> mine) {
        for (const Sample& sample : mine) deviating[stretch].add(sample.value);
      });
      from = stored_.size() < limits::kReadAtOnce ? end : stored_.back().timestamp + kTick;
    }
  }
  for (std::size_t i = 0; i < deviating.size(); ++i) deviations[i] = deviating[i].value();
  work_ += view->work();
  return {};
}

Result<std::optional<Timestamp>> RoomReader::earliest(const RoomSeries& room, Timestamp from, Timestamp to) {
  std::optional<Timestamp> earliest;
  if (room.series.empty()) return earliest;
  from = std::max(from, room.keep_from);
  if (from >= to) return earliest;
  kept_.clear();
  Timestamp end = to;
  const Timestamp floor = room.slot ? windows_.collect(room.window, from, to, room.slot, kept_)
                                    : windows_.collect_first(room.window, 1, from, end, kept_);
  for (const auto& each : kept_) {
    if (!earliest || each.sample.timestamp < *earliest) earliest = each.sample.timestamp;
  }
  const auto view = history_.view();
  for (const auto& series : room.series) {
    const Timestamp before = std::min(earliest.value_or(to), floor);
    if (before <= from) break;
    stored_.clear();
    if (auto read = view->read(series.id, from, before, 1, stored_); !read) return std::unexpected(read.error());
    if (!stored_.empty()) earliest = stored_.front().timestamp;
  }
  work_ += view->work();
  return earliest;
}

}  // namespace temperature::pipeline
