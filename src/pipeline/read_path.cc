#include "pipeline/read_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/time.h"
#include "base/timestamp_limits.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "window/windows.h"

namespace temperature::pipeline {
namespace {

std::optional<answer::Latest> latest_of(const std::optional<Sample>& sample) {
  if (!sample) return std::nullopt;
  return answer::Latest{sample->timestamp, sample->value};
}

}  // namespace

ReadPath::ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows,
                   const history::HistorySource& history, const ServiceState& state, const Retention& retention,
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

bool ReadPath::room_known(std::string_view building, std::string_view room) const {
  return !windows_of(building, room).empty();
}

bool ReadPath::room_ever_known(std::string_view building, std::string_view room) const {
  return catalogue_.room_known(building, room);
}

bool ReadPath::has_readings(WindowId window) const {
  const Timestamp keep_from = retention_.keep_from(catalogue_.window(window).quantity, clock_.now());
  const auto newest = windows_.newest(window);
  if (newest.known) return newest.reading && newest.reading->sample.timestamp >= keep_from;
  RoomSeries room{.any = true, .window = window, .keep_from = keep_from, .slot = {}, .series = {}};
  const auto latest = latest_at(room, limits::kTimestampLast, Depth::history);
  return !latest || (*latest)->has_value();  // what cannot be read is there
}

void ReadPath::keep_those_with_readings(WindowId window, std::vector<catalogue::SeriesInfo>& series) const {
  const Timestamp keep_from = retention_.keep_from(catalogue_.window(window).quantity, clock_.now());
  std::vector<window::Windows::NewestTime> newest;
  windows_.newest(window, newest);
  std::erase_if(series, [&](const catalogue::SeriesInfo& each) {
    const std::size_t slot = each.place.slot.value();
    if (slot >= newest.size()) return true;
    const auto [timestamp, known] = newest[slot];
    if (known) return timestamp == kTimestampMin || timestamp < keep_from;
    RoomSeries room{.any = true, .window = window, .keep_from = keep_from, .slot = each.place.slot, .series = {each}};
    const auto latest = latest_at(room, limits::kTimestampLast, Depth::history);
    return latest && !(*latest)->has_value();
  });
}

std::vector<WindowId> ReadPath::windows_of(std::string_view building, std::string_view room) const {
  std::vector<WindowId> windows = catalogue_.room_windows(building, room);
  std::erase_if(windows, [this](WindowId window) { return !has_readings(window); });
  return windows;
}

RoomSeries ReadPath::find_known(const std::string& building, const std::string& room, const std::string& quantity,
                                const std::optional<std::string>& sensor) const {
  RoomSeries found;
  const auto window = catalogue_.find_window(building, room, quantity);
  if (!window) return found;
  found.any = true;
  found.window = *window;
  found.keep_from = retention_.keep_from(quantity, clock_.now());
  if (sensor) {
    const auto series = catalogue_.find_sensor(*window, *sensor);
    found.any = series.has_value();
    if (series) found.slot = series->place.slot;
    if (series) found.series = {*series};
  }
  return found;
}

Result<RoomSeries> ReadPath::find_room(const std::string& building, const std::string& room,
                                       const std::string& quantity, const std::optional<std::string>& sensor) const {
  RoomSeries found = find_known(building, room, quantity, sensor);
  if (found.any && has_readings(found.window)) {
    if (sensor) keep_those_with_readings(found.window, found.series);
    if (!sensor || !found.series.empty()) return found;
  }
  if (room_known(building, room)) return RoomSeries{};
  return failure(ErrorCode::room_unknown,
                 fmt::format("there are no readings of room \"{}\" in building \"{}\"", room, building));
}

std::string ReadPath::lacks(const std::string& building, const std::string& room, const std::string& quantity) const {
  constexpr std::size_t kNamedMax = 20;
  std::vector<std::string> others;
  for (const WindowId window : windows_of(building, room)) {
    others.emplace_back(catalogue_.window(window).quantity);
    if (others.back() == quantity) return {};
  }
  std::ranges::sort(others);
  const std::size_t named = std::min(others.size(), kNamedMax);
  std::string text = fmt::format("room \"{}\" has no readings of {}; it has {}", room, quantity,
                                 fmt::join(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (named < others.size()) text += fmt::format(" and {} more", others.size() - named);
  return text;
}

void ReadPath::list_series(RoomSeries& room) const {
  if (room.any && room.series.empty()) room.series = catalogue_.window_series(room.window);
}

Result<answer::Average> ReadPath::average(const answer::AverageQuery& query) const {
  auto answer = average(query, Depth::history);
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::move(**answer);
}

Result<std::optional<answer::Average>> ReadPath::average_from_memory(const answer::AverageQuery& query) const {
  return average(query, Depth::memory);
}

Result<std::optional<answer::Average>> ReadPath::average(const answer::AverageQuery& query, Depth depth) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  RoomSeries room = find_known(query.building, query.room, query.quantity, query.sensor);
  if (!room.any) return no_average(query);
  answer::Average answer{.unit = catalogue_.unit(query.quantity)};
  // No reading is older than kTimestampFirst, and the arithmetic must stay within what a moment can hold.
  const Timestamp at = std::clamp(query.at, limits::kTimestampFirst - kTick, kTimestampMax - kTick);
  const Timestamp after = at - std::min(query.window, at - limits::kTimestampFirst + kTick);
  const auto found = summarize(room, after, at, depth);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;

  const summary::Tally& summary = (*found)->summary;
  answer.count = summary.count;
  answer.sensors = (*found)->sensors;
  if (answer.count > 0) {
    answer.value = summary.sum.mean(answer.count);
    answer.min = summary.min;
    answer.max = summary.max;
    answer.first = summary.first;
    answer.last = summary.last;
    return answer;
  }
  const auto latest = latest_at(room, at, depth);
  if (!latest) return std::unexpected(latest.error());
  if (!*latest) return std::nullopt;
  answer.latest = latest_of(**latest);
  if (answer.latest) return answer;
  if (depth == Depth::memory && !windows_.newest(room.window).known) return std::nullopt;
  return no_average(query);
}

// There is nothing in the window asked for, nor before it. A known room without this quantity or sensor: an empty one.
Result<std::optional<answer::Average>> ReadPath::no_average(const answer::AverageQuery& query) const {
  auto room = find_room(query.building, query.room, query.quantity, query.sensor);
  if (!room) return std::unexpected(std::move(room.error()));
  answer::Average answer{.unit = catalogue_.unit(query.quantity)};
  if (!room->any) answer.lacks = lacks(query.building, query.room, query.quantity);
  return answer;
}

Result<std::optional<std::optional<Sample>>> ReadPath::latest_at(RoomSeries& room, Timestamp at, Depth depth) const {
  std::vector<catalogue::SeriesInfo> later;
  auto latest = latest_in_memory(room, at, later);
  if (later.empty()) return std::optional(latest);
  if (depth == Depth::memory) return std::nullopt;
  const auto view = history_.view();  // after memory: what has left it in between is here
  for (const auto& series : later) {
    const auto stored = view->last_at(series.id, at);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && (*stored)->timestamp >= room.keep_from && (!latest || (*stored)->timestamp > latest->timestamp))
      latest = *stored;
  }
  return std::optional(latest);
}

Result<std::optional<window::Windows::Summarized>> ReadPath::summarize(RoomSeries& room, Timestamp after,
                                                                       Timestamp upto, Depth depth) const {
  // What is too old is not there, even when it is not forgotten yet.
  after = std::clamp(room.keep_from, after + kTick, std::max(after, upto) + kTick) - kTick;
  auto recent = windows_.summarize(room.window, after, upto, room.slot);
  if (after + kTick >= recent.floor) return recent;
  if (depth == Depth::memory) return std::nullopt;

  list_series(room);
  RoomReader reader(windows_, history_);
  summary::Summary summary;
  std::vector<bool> seen(limits::kSensorsPerRoomMax);
  const auto steps = summary::Steps::whole(after + kTick, upto + kTick);
  const auto folded = reader.fold(room, steps, std::span(&summary, steps.count()), room.slot ? nullptr : &seen);
  if (!folded) return std::unexpected(folded.error());
  window::Windows::Summarized result;
  result.sensors =
      room.slot ? std::min<std::size_t>(summary.count, 1) : static_cast<std::size_t>(std::ranges::count(seen, true));
  result.summary = std::move(summary);
  return result;
}

std::optional<Sample> ReadPath::latest_in_memory(RoomSeries& room, Timestamp at,
                                                 std::vector<catalogue::SeriesInfo>& later) const {
  std::optional<Sample> latest;
  const auto take = [&latest, from = room.keep_from](const Sample& sample) {
    if (sample.timestamp >= from && (!latest || sample.timestamp > latest->timestamp)) latest = sample;
  };
  const auto [floor, kept] = windows_.last_at(room.window, at, room.slot);
  if (kept) take(*kept);
  if (kept && kept->timestamp >= floor) return latest;  // there is no newer one
  list_series(room);
  for (const auto& series : room.series) {
    const auto [newest, known] = windows_.newest(series.place);
    if (!newest) continue;
    if (newest->timestamp <= at && known) {
      take(*newest);
    } else {
      later.push_back(series);
    }
  }
  return latest;
}

}  // namespace temperature::pipeline
