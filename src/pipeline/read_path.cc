#include "pipeline/read_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/limits.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "window/windows.h"

namespace temperature::pipeline {
namespace {

constexpr Duration kTick{1};

std::optional<answer::Latest> latest_of(const std::optional<Sample>& sample) {
  if (!sample) return std::nullopt;
  return answer::Latest{sample->timestamp, sample->value};
}

}  // namespace

ReadPath::ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows,
                   const history::History& history, const ServiceState& state, const Retention& retention,
                   const Clock& clock)
    : catalogue_(catalogue),
      windows_(windows),
      history_(history),
      state_(state),
      retention_(retention),
      clock_(clock) {}

Result<void> ReadPath::may_read() const {
  if (state_.phase() != ServiceState::Phase::recovering) return {};
  return failure(ErrorCode::recovering, "nothing can be answered yet: the service is recovering");
}

Result<WindowId> ReadPath::find_window(const std::string& building, const std::string& room,
                                       const std::string& quantity) const {
  if (const auto window = catalogue_.find_window(building, room, quantity)) return *window;
  if (!catalogue_.room_known(building, room)) {
    return failure(ErrorCode::room_unknown,
                   fmt::format("no reading of room \"{}\" in building \"{}\" was ever accepted", room, building));
  }
  return WindowId(std::numeric_limits<std::uint32_t>::max());  // a known room without this quantity: an empty window
}

Timestamp ReadPath::keep_from(WindowId window) const {
  if (retention_.for_ever() || window.value() >= catalogue_.window_count()) return kTimestampMin;
  return retention_.keep_from(catalogue_.window(window).quantity, clock_.now());
}

std::vector<catalogue::SeriesInfo> ReadPath::series_of(WindowId window,
                                                       const std::optional<std::string>& sensor) const {
  if (window.value() == std::numeric_limits<std::uint32_t>::max()) return {};
  if (!sensor) return catalogue_.window_series(window);
  const auto series = catalogue_.find_sensor(window, *sensor);
  return series ? std::vector{*series} : std::vector<catalogue::SeriesInfo>{};
}

Result<answer::Average> ReadPath::average(const answer::AverageQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  const auto window = find_window(query.building, query.room, query.quantity);
  if (!window) return std::unexpected(window.error());
  answer::Average answer{.query = query, .unit = catalogue_.quantity(query.quantity).unit};

  std::optional<Slot> slot;
  if (query.sensor) {
    const auto series = series_of(*window, query.sensor);
    if (series.empty()) return answer;  // a known room without this sensor: an empty window
    slot = series.front().place.slot;
  }
  // No reading is older than kTimestampFirst, and the arithmetic must stay within what a moment can hold.
  const Timestamp at = std::clamp(query.at, limits::kTimestampFirst - kTick, kTimestampMax - kTick);
  const Timestamp after = at - std::min(query.window, at - limits::kTimestampFirst + kTick);
  auto found = summarize(*window, after, at, query.sensor, slot);
  if (!found) return std::unexpected(std::move(found.error()));

  const summary::Tally& summary = found->summary;
  answer.count = summary.count;
  answer.sensors = found->sensors;
  if (answer.count > 0) {
    answer.value = summary.sum.mean(answer.count);
    answer.min = summary.min;
    answer.max = summary.max;
    answer.first = summary.first;
    answer.last = summary.last;
    return answer;
  }
  auto latest = latest_at(*window, query.sensor, at);
  if (!latest) return std::unexpected(std::move(latest.error()));
  answer.latest = latest_of(*latest);
  return answer;
}

Result<window::Windows::Summarized> ReadPath::summarize(WindowId window, Timestamp after, Timestamp upto,
                                                        const std::optional<std::string>& sensor,
                                                        std::optional<Slot> slot) const {
  // What is too old is not there, even when it is not forgotten yet.
  after = std::clamp(keep_from(window), after + kTick, std::max(after, upto) + kTick) - kTick;
  auto recent = windows_.summarize(window, after, upto, slot);
  if (after + kTick < recent.floor) return summarize_with_history(window, after, upto, sensor);
  return recent;
}

// From the floor on the window answers alone. Below it, what memory still holds and what the history
// holds are one set: a reading in both counts once, as the history's.
Result<window::Windows::Summarized> ReadPath::summarize_with_history(WindowId window, Timestamp after, Timestamp upto,
                                                                     const std::optional<std::string>& sensor) const {
  const auto all = series_of(window, sensor);
  const std::optional<Slot> slot = sensor ? std::optional(all.front().place.slot) : std::nullopt;
  std::vector<window::SlotSample> kept;
  window::Windows::Summarized result;
  result.floor = windows_.collect(window, after + kTick, upto + kTick, slot, kept);
  // Looked at after memory: what has left memory in between is in the history.
  const auto view = history_.view();

  std::vector<std::optional<SeriesId>> series_at(all.back().place.slot.value() + std::size_t{1});
  for (const auto& series : all) series_at[series.place.slot.value()] = series.id;
  std::vector<bool> seen(series_at.size());
  std::ranges::sort(kept, {}, [](const auto& each) { return std::pair(each.slot, each.sample.timestamp); });
  for (const auto& [its_slot, sample] : kept) {
    if (its_slot.value() >= series_at.size() || !series_at[its_slot.value()]) continue;  // newer than the question
    if (sample.timestamp < result.floor) {
      const auto found = view->find(*series_at[its_slot.value()], sample.timestamp);
      if (!found) return std::unexpected(found.error());
      if (found->value) continue;
    }
    result.summary.add(sample);
    seen[its_slot.value()] = true;
  }
  const auto steps = history::Steps::whole(after + kTick, std::min(result.floor, upto + kTick));
  for (const auto& series : all) {
    summary::Summary stored;
    if (auto folded = view->fold(series.id, steps, std::span(&stored, 1)); !folded) {
      return std::unexpected(std::move(folded.error()));
    }
    if (stored.count > 0) seen[series.place.slot.value()] = true;
    result.summary.add(static_cast<const summary::Tally&>(stored));
  }
  result.sensors = static_cast<std::size_t>(std::ranges::count(seen, true));
  return result;
}

// The newest reading at or before `at`.
Result<std::optional<Sample>> ReadPath::latest_at(WindowId window, const std::optional<std::string>& sensor,
                                                  Timestamp at) const {
  std::optional<Sample> latest;
  const auto take = [&latest, from = keep_from(window)](const Sample& sample) {
    if (sample.timestamp >= from && (!latest || sample.timestamp > latest->timestamp)) latest = sample;
  };
  std::vector<catalogue::SeriesInfo> later;  // sensors that have sent something after `at`
  for (const auto& series : series_of(window, sensor)) {
    const auto newest = windows_.newest(series.place);
    if (!newest) continue;
    if (newest->timestamp <= at) {
      take(*newest);
    } else {
      later.push_back(series);
    }
  }
  if (later.empty()) return latest;

  const std::optional<Slot> slot = sensor ? std::optional(later.front().place.slot) : std::nullopt;
  std::vector<window::SlotSample> kept;
  windows_.collect(window, latest ? latest->timestamp : kTimestampMin, at + kTick, slot, kept);
  for (const auto& each : kept) take(each.sample);
  const auto view = history_.view();
  for (const auto& series : later) {
    auto stored = view->last_at(series.id, at);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (*stored) take(**stored);
  }
  return latest;
}

}  // namespace temperature::pipeline
