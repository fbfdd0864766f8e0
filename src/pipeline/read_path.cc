#include "pipeline/read_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <vector>

#include "base/limits.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "window/windows.h"

namespace temperature::pipeline {
namespace {

constexpr Duration kTick{1};
constexpr std::size_t kPieceReadings = 65'536;  // of history, summarised at a time

std::optional<answer::Latest> latest_of(const std::optional<Sample>& sample) {
  if (!sample) return std::nullopt;
  return answer::Latest{sample->timestamp, sample->value};
}

// What orders the readings of a room and tells one from another.
std::pair<Timestamp, std::string_view> identity(const answer::ReadingRow& row) { return {row.timestamp, row.sensor}; }

// The readings below a window's floor that memory holds, to tell what the history holds twice.
class InMemory {
 public:
  explicit InMemory(std::vector<window::SlotSample> samples) : samples_(std::move(samples)) {
    std::ranges::sort(samples_, {}, key);
  }
  [[nodiscard]] const std::vector<window::SlotSample>& samples() const { return samples_; }
  [[nodiscard]] bool has(Slot slot, Timestamp timestamp) const {
    return std::ranges::binary_search(samples_, std::pair(slot, timestamp), {}, key);
  }

 private:
  static std::pair<Slot, Timestamp> key(const window::SlotSample& each) { return {each.slot, each.sample.timestamp}; }

  std::vector<window::SlotSample> samples_;
};

}  // namespace

ReadPath::ReadPath(const catalogue::Catalogue& catalogue, const window::Windows& windows,
                   const history::History& history)
    : catalogue_(catalogue), windows_(windows), history_(history) {}

Result<WindowId> ReadPath::find_window(const std::string& building, const std::string& room,
                                       const std::string& quantity) const {
  if (const auto window = catalogue_.find_window(building, room, quantity)) return *window;
  if (!catalogue_.room_known(building, room)) {
    return failure(ErrorCode::room_unknown,
                   fmt::format("no reading of room \"{}\" in building \"{}\" was ever accepted", room, building));
  }
  return WindowId(std::numeric_limits<std::uint32_t>::max());  // a known room without this quantity: an empty window
}

std::vector<catalogue::SeriesInfo> ReadPath::series_of(WindowId window,
                                                       const std::optional<std::string>& sensor) const {
  if (window.value() == std::numeric_limits<std::uint32_t>::max()) return {};
  if (!sensor) return catalogue_.window_series(window);
  const auto series = catalogue_.find_sensor(window, *sensor);
  return series ? std::vector{*series} : std::vector<catalogue::SeriesInfo>{};
}

Result<answer::Average> ReadPath::average(const answer::AverageQuery& query) const {
  const auto window = find_window(query.building, query.room, query.quantity);
  if (!window) return std::unexpected(window.error());
  answer::Average answer{.query = query, .unit = catalogue_.quantity(query.quantity).unit};

  std::optional<Slot> slot;
  if (query.sensor) {
    const auto series = series_of(*window, query.sensor);
    if (series.empty()) return answer;  // a known room without this sensor: an empty window
    slot = series.front().place.slot;
  }
  const Timestamp after = query.at - std::min(query.window, query.at - limits::kTimestampFirst + kTick);
  auto recent = windows_.summarize(*window, after, query.at, slot);
  if (after + kTick < recent.floor) {
    if (auto older = summarize_with_history(*window, after, query.at, query.sensor); older) {
      recent = std::move(*older);
    } else {
      return std::unexpected(std::move(older.error()));
    }
  }

  answer.count = recent.summary.count;
  answer.sensors = recent.sensors;
  if (answer.count > 0) {
    answer.value = recent.summary.sum.mean(answer.count);
    answer.min = recent.summary.min;
    answer.max = recent.summary.max;
    answer.first = recent.summary.first;
    answer.last = recent.summary.last;
    return answer;
  }
  auto latest = latest_at(*window, query.sensor, query.at);
  if (!latest) return std::unexpected(std::move(latest.error()));
  answer.latest = latest_of(*latest);
  return answer;
}

// From the floor on the window answers alone. Below it, what memory still holds and what the history
// holds are one set: a reading in both counts once.
Result<window::Windows::Summarized> ReadPath::summarize_with_history(WindowId window, Timestamp after, Timestamp upto,
                                                                     const std::optional<std::string>& sensor) const {
  const auto all = series_of(window, sensor);
  const std::optional<Slot> slot = sensor ? std::optional(all.front().place.slot) : std::nullopt;
  std::vector<window::SlotSample> kept;
  window::Windows::Summarized result;
  result.floor = windows_.collect(window, after + kTick, upto + kTick, slot, kept);
  const Timestamp history_to = std::min(result.floor, upto + kTick);

  std::vector<bool> seen(limits::kSensorsPerRoomMax + std::size_t{1});
  const InMemory memory(std::move(kept));
  for (const auto& each : memory.samples()) {
    result.summary.add(each.sample);
    seen[each.slot.value()] = true;
  }
  std::vector<Sample> piece;
  for (const auto& series : all) {
    Timestamp from = after + kTick;
    while (from < history_to) {
      piece.clear();
      auto read = history_.read(series.id, from, history_to, kPieceReadings, piece);
      if (!read) return std::unexpected(std::move(read.error()));
      for (const Sample& sample : piece) {
        seen[series.place.slot.value()] = true;
        if (!memory.has(series.place.slot, sample.timestamp)) result.summary.add(sample);
      }
      if (piece.size() < kPieceReadings) break;
      from = piece.back().timestamp + kTick;
    }
  }
  result.sensors = static_cast<std::size_t>(std::ranges::count(seen, true));
  return result;
}

// The newest reading at or before `at`.
Result<std::optional<Sample>> ReadPath::latest_at(WindowId window, const std::optional<std::string>& sensor,
                                                  Timestamp at) const {
  std::optional<Sample> latest;
  const auto take = [&latest](const Sample& sample) {
    if (!latest || sample.timestamp > latest->timestamp) latest = sample;
  };
  std::vector<window::SlotSample> kept;
  for (const auto& series : series_of(window, sensor)) {
    const auto newest = windows_.newest(series.place);
    if (!newest) continue;
    if (newest->timestamp <= at) {
      take(*newest);
      continue;
    }
    kept.clear();
    windows_.collect(window, kTimestampMin, at + kTick, series.place.slot, kept);
    for (const auto& each : kept) take(each.sample);
    auto stored = history_.last_at(series.id, at);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (*stored) take(**stored);
  }
  return latest;
}

Result<answer::ReadingsPage> ReadPath::readings(const answer::ReadingsQuery& query) const {
  const auto window = find_window(query.building, query.room, query.quantity);
  if (!window) return std::unexpected(window.error());
  answer::ReadingsPage page;
  page.unit = catalogue_.quantity(query.quantity).unit;
  const auto all = series_of(*window, query.sensor);
  if (all.empty()) return page;

  const Timestamp from = query.after ? std::max(query.from, query.after->timestamp) : query.from;
  const auto passed = [&query](const answer::ReadingRow& row) {
    return query.after && row.timestamp == query.after->timestamp && row.sensor <= query.after->sensor;
  };
  // One more than asked for tells whether there is a next page; as many again may have been passed,
  // for a page may end between the sensors of one moment.
  const std::size_t wanted = query.limit + 1;
  const std::size_t fetched = wanted + all.size();
  std::vector<answer::ReadingRow> rows;
  const auto trim = [&rows, fetched] {
    std::ranges::sort(rows, {}, identity);
    rows.erase(std::ranges::unique(rows, {}, identity).begin(), rows.end());
    if (rows.size() > fetched) rows.resize(fetched);
  };

  std::vector<std::string_view> names(limits::kSensorsPerRoomMax + std::size_t{1});
  for (const auto& series : all) names[series.place.slot.value()] = series.sensor;
  const std::optional<Slot> slot = query.sensor ? std::optional(all.front().place.slot) : std::nullopt;
  std::vector<window::SlotSample> kept;
  const Timestamp floor = windows_.collect(*window, from, query.to, slot, kept);
  for (const auto& [its_slot, sample] : kept) {
    if (!names[its_slot.value()].empty()) rows.push_back({names[its_slot.value()], sample.timestamp, sample.value});
  }
  trim();
  std::vector<Sample> stored;
  if (from < floor) {
    for (const auto& series : all) {
      // Nothing later than the page's last row so far can get into it.
      const Timestamp to = rows.size() < fetched ? query.to : rows.back().timestamp + kTick;
      stored.clear();
      auto read = history_.read(series.id, from, std::min(to, floor), fetched, stored);
      if (!read) return std::unexpected(std::move(read.error()));
      for (const Sample& sample : stored) rows.push_back({series.sensor, sample.timestamp, sample.value});
      if (rows.size() > 2 * fetched) trim();
    }
    trim();
  }

  for (const answer::ReadingRow& row : rows) {
    if (passed(row)) continue;
    if (page.rows.size() == query.limit) {
      page.next = answer::ReadingsCursor{page.rows.back().timestamp, std::string(page.rows.back().sensor)};
      break;
    }
    page.rows.push_back(row);
  }
  return page;
}

}  // namespace temperature::pipeline
