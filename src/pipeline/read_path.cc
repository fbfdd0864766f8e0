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
constexpr std::size_t kPieceReadings = 65'536;  // of history, summarised at a time

std::optional<answer::Latest> latest_of(const std::optional<Sample>& sample) {
  if (!sample) return std::nullopt;
  return answer::Latest{sample->timestamp, sample->value};
}

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
                   const history::History& history, const ServiceState& state)
    : catalogue_(catalogue), windows_(windows), history_(history), state_(state) {}

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
  auto recent = windows_.summarize(window, after, upto, slot);
  if (after + kTick < recent.floor) return summarize_with_history(window, after, upto, sensor);
  return recent;
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
  for (const auto& series : later) {
    auto stored = history_.last_at(series.id, at);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (*stored) take(**stored);
  }
  return latest;
}

}  // namespace temperature::pipeline
