#include <algorithm>
#include <map>

#include "answer/answer.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "pipeline/listing.h"
#include "pipeline/read_path.h"
#include "window/windows.h"

// The lists of rooms and sensors with their current state.
namespace temperature::pipeline {
namespace {

// Rooms that are looked at together, for there may be many without readings.
constexpr std::size_t kRoomsAtOnce = 64;

}  // namespace

Result<answer::QuantityState> ReadPath::state_of(WindowId window, const std::optional<catalogue::SeriesInfo>& sensor,
                                                 Timestamp at) const {
  const std::string_view quantity = catalogue_.window(window).quantity;
  answer::QuantityState state{.quantity = std::string(quantity), .unit = catalogue_.unit(quantity)};
  RoomSeries room;
  room.any = true;
  room.window = window;
  room.keep_from = retention_.keep_from(state.quantity, clock_.now());
  if (sensor) {
    room.slot = sensor->place.slot;
    room.series = {*sensor};
  }
  list_series(room);
  if (!sensor) keep_those_with_readings(window, room.series);
  state.sensors = room.series.size();
  const auto found = summarize(room, at - limits::kWindowDefault, at, Depth::history);
  if (!found) return std::unexpected(found.error());
  const auto& recent = *found;
  state.count = recent->summary.count;
  state.reporting = recent->sensors;
  if (state.count > 0) state.average = recent->summary.sum.mean(state.count);
  std::optional<Sample> newest;
  bool known = true;
  if (sensor) {
    const auto of_sensor = windows_.newest(sensor->place);
    newest = of_sensor.reading;
    known = of_sensor.known;
  } else {
    const auto of_room = windows_.newest(window);
    if (of_room.reading) newest = of_room.reading->sample;
    known = of_room.known;
  }
  if (newest && (newest->timestamp > at || !known)) {  // of a sensor that is ahead, or whose newest one was deleted
    const auto latest = latest_at(room, at, Depth::history);
    if (!latest) return std::unexpected(latest.error());
    newest = **latest;
  }
  if (newest && newest->timestamp >= room.keep_from) {
    state.latest = answer::Latest{newest->timestamp, newest->value};
  }
  return state;
}

Result<answer::RoomsPage> ReadPath::rooms(const answer::RoomsQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  if (query.chooses()) return chosen_rooms(query);
  std::pair<std::string, std::string> after;
  if (!query.cursor.empty()) {
    auto names = decode_cursor(query.cursor, 2);
    if (!names) return std::unexpected(std::move(names.error()));
    after = {(*names)[0], (*names)[1]};
  }
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  answer::RoomsPage page;
  for (const auto& room : rooms_with_readings(query.building, query.visible, after, limit + 1)) {
    if (page.rooms.size() == limit) {
      page.next = encode_cursor({page.rooms.back().building, page.rooms.back().room});
      break;
    }
    answer::RoomState state{room.building, room.room, {}};
    for (const WindowId window : room.windows) {
      auto quantity = state_of(window, std::nullopt, query.at);
      if (!quantity) return std::unexpected(std::move(quantity.error()));
      state.quantities.push_back(std::move(*quantity));
    }
    page.rooms.push_back(std::move(state));
  }
  return page;
}

std::vector<catalogue::Catalogue::Room> ReadPath::rooms_with_readings(const std::optional<std::string>& building,
                                                                      const std::vector<std::string>& visible,
                                                                      std::pair<std::string, std::string> after,
                                                                      std::size_t limit) const {
  std::vector<catalogue::Catalogue::Room> found;
  for (bool more = true; more && found.size() < limit;) {
    const std::size_t wanted = std::max(limit - found.size(), kRoomsAtOnce);
    auto rooms = next_rooms(catalogue_, building, visible, after, wanted);
    more = rooms.size() == wanted;
    if (more) after = {rooms.back().building, rooms.back().room};
    for (auto& room : rooms) {
      std::erase_if(room.windows, [this](WindowId window) { return !has_readings(window); });
      if (!room.windows.empty() && found.size() < limit) found.push_back(std::move(room));
    }
  }
  return found;
}

// Adds the sensors of a room that come after `after`, until the page has one more than `limit`.
Result<void> ReadPath::list_sensors(const catalogue::Catalogue::Room& room, std::string_view after, Timestamp at,
                                    std::size_t limit, answer::SensorsPage& page) const {
  std::map<std::string_view, std::vector<catalogue::SeriesInfo>> by_sensor;
  for (const WindowId window : room.windows) {
    std::vector<catalogue::SeriesInfo> its = catalogue_.window_series(window);
    keep_those_with_readings(window, its);
    for (const auto& series : its) by_sensor[series.sensor].push_back(series);
  }
  for (auto each = by_sensor.upper_bound(after); each != by_sensor.end() && page.sensors.size() <= limit; ++each) {
    const auto& [sensor, all] = *each;
    answer::SensorState state{room.building, room.room, std::string(sensor), {}};
    for (const auto& series : all) {
      auto quantity = state_of(series.place.window, series, at);
      if (!quantity) return std::unexpected(std::move(quantity.error()));
      state.quantities.push_back(std::move(*quantity));
    }
    page.sensors.push_back(std::move(state));
  }
  return {};
}

Result<answer::SensorsPage> ReadPath::sensors(const answer::SensorsQuery& query) const {
  if (auto may = may_read(); !may) return std::unexpected(std::move(may.error()));
  std::pair<std::string, std::string> after_room;
  std::string after_sensor;
  if (!query.cursor.empty()) {
    auto names = decode_cursor(query.cursor, 3);
    if (!names) return std::unexpected(std::move(names.error()));
    after_room = {(*names)[0], (*names)[1]};
    after_sensor = (*names)[2];
  }
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  answer::SensorsPage page;
  const auto wanted = [&query](std::string_view building, std::string_view room) {
    return (!query.building || building == *query.building) && (!query.room || room == *query.room) &&
           (query.visible.empty() || std::ranges::binary_search(query.visible, building));
  };
  const bool one_room = query.building && query.room;
  if (one_room) after_room = {*query.building, *query.room};
  if (wanted(after_room.first, after_room.second)) {  // the room in which the last page ended
    const auto& [building, room] = after_room;
    auto listed =
        list_sensors({building, room, catalogue_.room_windows(building, room)}, after_sensor, query.at, limit, page);
    if (!listed) return std::unexpected(std::move(listed.error()));
  }
  for (bool more = !one_room; more && page.sensors.size() <= limit;) {
    const auto rooms = next_rooms(catalogue_, query.building, query.visible, after_room, limits::kPageRoomsMax);
    more = rooms.size() == limits::kPageRoomsMax;
    for (const auto& room : rooms) {
      if (page.sensors.size() > limit) break;
      after_room = {room.building, room.room};
      if (!wanted(room.building, room.room)) continue;
      auto listed = list_sensors(room, {}, query.at, limit, page);
      if (!listed) return std::unexpected(std::move(listed.error()));
    }
  }
  if (page.sensors.size() > limit) {
    page.sensors.resize(limit);
    const auto& last = page.sensors.back();
    page.next = encode_cursor({last.building, last.room, last.sensor});
  }
  return page;
}

}  // namespace temperature::pipeline
