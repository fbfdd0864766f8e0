#include <fmt/format.h>

#include <map>

#include "base/limits.h"
#include "catalogue/catalogue.h"
#include "pipeline/read_path.h"
#include "window/windows.h"

// The lists of rooms and sensors with their current state.
namespace temperature::pipeline {
namespace {

// A cursor names the last row of its page: length-prefixed names, so that any name is possible.
std::string encode_cursor(std::initializer_list<std::string_view> names) {
  std::string cursor;
  for (const std::string_view name : names) cursor += fmt::format("{}.{}", name.size(), name);
  return cursor;
}

Result<std::vector<std::string>> decode_cursor(std::string_view cursor, std::size_t names) {
  std::vector<std::string> decoded;
  while (!cursor.empty() && decoded.size() < names) {
    std::size_t length = 0;
    std::size_t digits = 0;
    while (digits < cursor.size() && digits < 4 && cursor[digits] >= '0' && cursor[digits] <= '9') {
      length = length * 10 + static_cast<std::size_t>(cursor[digits++] - '0');
    }
    if (digits == 0 || digits >= cursor.size() || cursor[digits] != '.' || cursor.size() - digits - 1 < length) break;
    decoded.emplace_back(cursor.substr(digits + 1, length));
    cursor.remove_prefix(digits + 1 + length);
  }
  if (!cursor.empty() || decoded.size() != names) {
    return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
  }
  return decoded;
}

}  // namespace

answer::QuantityState ReadPath::state_of(WindowId window, const std::optional<catalogue::SeriesInfo>& sensor,
                                         Timestamp at) const {
  const catalogue::QuantityInfo quantity =
      catalogue_.quantity(catalogue_.window(window).quantity);
  answer::QuantityState state{.quantity = quantity.name, .unit = quantity.unit};
  state.sensors = sensor ? 1 : catalogue_.window_series(window).size();
  const std::optional<Slot> slot = sensor ? std::optional(sensor->place.slot) : std::nullopt;
  const auto recent = windows_.summarize(window, at - limits::kWindowDefault, at, slot);
  state.count = recent.summary.count;
  if (state.count > 0) state.average = recent.summary.sum.mean(state.count);
  if (sensor) {
    if (const auto newest = windows_.newest(sensor->place)) {
      state.latest = answer::Latest{newest->timestamp, newest->value};
    }
  } else if (const auto newest = windows_.newest(window)) {
    state.latest = answer::Latest{newest->sample.timestamp, newest->sample.value};
  }
  return state;
}

Result<answer::RoomsPage> ReadPath::rooms(const answer::RoomsQuery& query) const {
  std::pair<std::string, std::string> after;
  if (!query.cursor.empty()) {
    auto names = decode_cursor(query.cursor, 2);
    if (!names) return std::unexpected(std::move(names.error()));
    after = {(*names)[0], (*names)[1]};
  }
  answer::RoomsPage page;
  const auto rooms = catalogue_.rooms(query.building, after, query.limit + 1);
  for (const auto& room : rooms) {
    if (page.rooms.size() == query.limit) {
      page.next = encode_cursor({page.rooms.back().building, page.rooms.back().room});
      break;
    }
    answer::RoomState state{room.building, room.room, {}};
    for (const WindowId window : room.windows) state.quantities.push_back(state_of(window, std::nullopt, query.at));
    page.rooms.push_back(std::move(state));
  }
  return page;
}

Result<answer::SensorsPage> ReadPath::sensors(const answer::SensorsQuery& query) const {
  std::string after_building;
  std::string after_room;
  std::string after_sensor;
  if (!query.cursor.empty()) {
    auto names = decode_cursor(query.cursor, 3);
    if (!names) return std::unexpected(std::move(names.error()));
    after_building = (*names)[0];
    after_room = (*names)[1];
    after_sensor = (*names)[2];
  }
  answer::SensorsPage page;
  const auto take_room = [&](const catalogue::Catalogue::Room& room) {
    if (query.room && room.room != *query.room) return;
    std::map<std::string_view, std::vector<catalogue::SeriesInfo>> by_sensor;
    for (const WindowId window : room.windows) {
      for (const auto& series : catalogue_.window_series(window)) by_sensor[series.sensor].push_back(series);
    }
    const bool resumed = room.building == after_building && room.room == after_room;
    for (const auto& [sensor, series] : by_sensor) {
      if (resumed && sensor <= after_sensor) continue;
      if (page.sensors.size() > query.limit) return;
      answer::SensorState state{room.building, room.room, std::string(sensor), {}};
      for (const auto& each : series) state.quantities.push_back(state_of(each.place.window, each, query.at));
      page.sensors.push_back(std::move(state));
    }
  };
  if (!after_building.empty()) {  // the room in which the last page ended
    catalogue::Catalogue::Room room{after_building, after_room, catalogue_.room_windows(after_building, after_room)};
    take_room(room);
  }
  std::pair<std::string, std::string> after{after_building, after_room};
  while (page.sensors.size() <= query.limit) {
    const auto rooms = catalogue_.rooms(query.building, after, limits::kPageRoomsMax);
    for (const auto& room : rooms) take_room(room);
    if (rooms.size() < limits::kPageRoomsMax) break;
    after = {rooms.back().building, rooms.back().room};
  }
  if (page.sensors.size() > query.limit) {
    page.sensors.resize(query.limit);
    const auto& last = page.sensors.back();
    page.next = encode_cursor({last.building, last.room, last.sensor});
  }
  return page;
}

}  // namespace temperature::pipeline
