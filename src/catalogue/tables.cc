#include "catalogue/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "catalogue/units.h"
#include "model/name_limits.h"

namespace temperature::catalogue {
namespace {

constexpr std::size_t kArenaChunkBytes = 64 * 1024;

}  // namespace

Name NameArena::add(std::string_view text) {
  CHECK(text.size() <= limits::kSensorNameBytesMax);
  const bool is_long = text.size() >= Name::kLong;
  const auto long_size = static_cast<std::uint16_t>(text.size());
  const std::size_t front = is_long ? 1 + sizeof(long_size) : 1;
  const std::size_t bytes = front + text.size();
  if (chunks_.empty() || used_ + bytes > kArenaChunkBytes) {
    chunks_.push_back(std::make_unique<char[]>(kArenaChunkBytes));
    used_ = 0;
  }
  char* place = chunks_.back().get() + used_;
  used_ += bytes;
  *place = static_cast<char>(is_long ? Name::kLong : static_cast<unsigned char>(text.size()));
  if (is_long) std::memcpy(place + 1, &long_size, sizeof(long_size));
  std::memcpy(place + front, text.data(), text.size());
  return {place};
}

std::size_t Catalogue::Tables::Hash::operator()(const RoomKey& key) const {
  return keyed_hash_of(key.building, key.room);
}

std::size_t Catalogue::Tables::Hash::operator()(const WindowKey& key) const {
  return keyed_hash((std::uint64_t{key.room} << 32U) | key.quantity);
}

std::size_t Catalogue::Tables::Hash::operator()(const SeriesKey& key) const {
  return keyed_hash_of(key.sensor, key.room, key.quantity, key.building);
}

bool Catalogue::Tables::Equal::operator()(const RoomKey& a, RoomIndex b) const {
  const RoomRow& row = tables->rooms[b.value];
  return row.room.text() == a.room && row.building.text() == a.building;
}

bool Catalogue::Tables::Equal::operator()(const WindowKey& a, WindowIndex b) const {
  const WindowRow& row = tables->windows[b.value];
  return row.room == a.room && row.quantity == a.quantity;
}

SeriesKey Catalogue::Tables::series_key(std::uint32_t i) const {
  const SeriesRow& row = series[i];
  const WindowRow& window = windows[row.window];
  const RoomRow& room = rooms[window.room];
  return {room.building.text(), room.room.text(), row.sensor.text(), quantities[window.quantity]->name};
}

bool Catalogue::Tables::series_is(std::uint32_t i, const SeriesKey& key) const {
  const SeriesRow& row = series[i];
  if (row.sensor.text() != key.sensor) return false;
  const WindowRow& window = windows[row.window];
  const RoomRow& room = rooms[window.room];
  return room.room.text() == key.room && quantities[window.quantity]->name == key.quantity &&
         room.building.text() == key.building;
}

std::uint32_t Catalogue::Tables::find_quantity(std::string_view name) const {
  const auto found = quantities_by_name.find(name);
  return found == quantities_by_name.end() ? kNone : found->second;
}

std::uint32_t Catalogue::Tables::find_room(std::string_view building, std::string_view room) const {
  const auto found = rooms_by_name.find(RoomKey{building, room});
  return found == rooms_by_name.end() ? kNone : found->value;
}

std::uint32_t Catalogue::Tables::find_window(std::uint32_t room, std::uint32_t quantity) const {
  const auto found = windows_by_key.find(WindowKey{room, quantity});
  return found == windows_by_key.end() ? kNone : found->value;
}

std::vector<WindowId> Catalogue::Tables::room_windows(std::uint32_t room) const {
  std::vector<WindowId> ids;
  for (std::uint32_t w = rooms[room].first_window; w != kNone; w = windows[w].next_in_room) ids.emplace_back(w);
  std::reverse(ids.begin(), ids.end());  // the newest is linked first
  return ids;
}

std::uint32_t Catalogue::Tables::series_of_sensor(std::string_view sensor) {
  if (series_by_sensor.empty()) {
    for (std::uint32_t i = 0; i < series.size(); ++i) {
      if (!series[i].has_left()) ++series_by_sensor[series[i].sensor.text()];
    }
  }
  const auto found = series_by_sensor.find(sensor);
  return found == series_by_sensor.end() ? 0 : found->second;
}

Result<void> Catalogue::Tables::may_count(const SeriesKey& key, std::uint32_t of_sensor_max) {
  if (auto may = may_count_series(key, of_sensor_max); !may) return may;
  if (auto may = may_count_quantity(key); !may) return may;
  return series_by_key.contains(key) ? Result<void>() : may_keep(key);
}

Result<void> Catalogue::Tables::may_count_series(const SeriesKey& key, std::uint32_t of_sensor_max) {
  if (series_counted >= series_max) {
    return failure(ErrorCode::series_limit,
                   fmt::format("there are {} series already, and --series-max allows {}", series_counted, series_max));
  }
  if (of_sensor_max != 0 && series_of_sensor(key.sensor) >= of_sensor_max) {
    return failure(ErrorCode::series_limit, fmt::format("the sensor \"{}\" has {} series already, as many as "
                                                        "--series-per-sensor allows",
                                                        key.sensor, of_sensor_max));
  }
  return {};
}

Result<void> Catalogue::Tables::may_count_quantity(const SeriesKey& key) const {
  const std::uint32_t quantity = find_quantity(key.quantity);
  if ((quantity != kNone && quantities[quantity]->counted > 0) || built_in_unit(key.quantity)) return {};
  if (quantities_counted >= quantities_max.in_all) {
    return failure(ErrorCode::quantity_limit,
                   fmt::format("\"{}\" would be a new quantity, and there are {} already, as many as --quantities-max "
                               "allows",
                               key.quantity, quantities_counted));
  }
  const auto of_sensor = quantities_by_sensor.find(key.sensor);
  if (quantities_max.of_sensor != 0 && of_sensor != quantities_by_sensor.end() &&
      of_sensor->second >= quantities_max.of_sensor) {
    return failure(ErrorCode::quantity_limit,
                   fmt::format("\"{}\" would be a new quantity, and the sensor \"{}\" brought {} new ones already, as "
                               "many as --quantities-per-sensor allows",
                               key.quantity, key.sensor, of_sensor->second));
  }
  return {};
}

Result<void> Catalogue::Tables::may_keep(const SeriesKey& key) const {
  if (series.size() >= names_kept_max(series_max)) {
    return failure(ErrorCode::series_limit,
                   fmt::format("there were {} different series already, most of which have no readings any more, but "
                               "whose names are kept; that is as many as --series-max {} allows: raise it, or begin "
                               "a new data folder",
                               series.size(), series_max));
  }
  if (find_quantity(key.quantity) == kNone && quantities.size() >= names_kept_max(quantities_max.in_all)) {
    return failure(ErrorCode::quantity_limit,
                   fmt::format("\"{}\" would be a new quantity, and there were {} different ones already, whose names "
                               "are kept; that is as many as --quantities-max {} allows: raise it, or begin a new data "
                               "folder",
                               key.quantity, quantities.size(), quantities_max.in_all));
  }
  return has_slot(key);
}

Result<void> Catalogue::Tables::has_slot(const SeriesKey& key) const {
  const std::uint32_t quantity = find_quantity(key.quantity);
  const std::uint32_t room = quantity == kNone ? kNone : find_room(key.building, key.room);
  const std::uint32_t window = room == kNone ? kNone : find_window(room, quantity);
  if (window != kNone && windows[window].series >= limits::kSensorsPerRoomMax) {
    return failure(ErrorCode::series_limit, fmt::format("the room \"{}\" has or had {} sensors of {} already", key.room,
                                                        limits::kSensorsPerRoomMax, key.quantity));
  }
  return {};
}

std::uint32_t Catalogue::Tables::add_series(const SeriesKey& key) {
  std::uint32_t quantity = find_quantity(key.quantity);
  if (quantity == kNone) quantity = add_quantity(key.quantity);
  std::uint32_t room = find_room(key.building, key.room);
  if (room == kNone) room = add_room(key.building, key.room);
  std::uint32_t window = find_window(room, quantity);
  if (window == kNone) window = add_window(room, quantity);
  return add_series(window, key.sensor);
}

std::uint32_t Catalogue::Tables::add_quantity(std::string_view name) {
  quantities.push_back(std::make_unique<QuantityInfo>());
  quantities.back()->name = name;
  quantities.back()->built_in = built_in_unit(name).has_value();
  const auto index = static_cast<std::uint32_t>(quantities.size() - 1);
  quantities_by_name.emplace(quantities.back()->name, index);
  return index;
}

std::uint32_t Catalogue::Tables::add_room(std::string_view building, std::string_view room) {
  RoomRow& row = rooms.grow();
  if (last_building.bytes == nullptr || last_building.text() != building) last_building = names.add(building);
  row.building = last_building;
  row.room = names.add(room);
  const auto index = static_cast<std::uint32_t>(rooms.size() - 1);
  rooms_by_name.insert(RoomIndex{index});
  return index;
}

std::uint32_t Catalogue::Tables::add_window(std::uint32_t room, std::uint32_t quantity) {
  WindowRow& row = windows.grow();
  const auto index = static_cast<std::uint32_t>(windows.size() - 1);
  row.room = room;
  row.quantity = quantity;
  row.next_in_room = rooms[room].first_window;
  rooms[room].first_window = index;
  windows_by_key.insert(WindowIndex{index});
  return index;
}

std::uint32_t Catalogue::Tables::add_series(std::uint32_t window, std::string_view sensor) {
  SeriesRow& row = series.grow();
  const auto index = static_cast<std::uint32_t>(series.size() - 1);
  WindowRow& home = windows[window];
  row.sensor = names.add(sensor);
  row.window = window;
  row.slot = static_cast<std::uint16_t>(home.series++);
  if (home.last_series == kNone) {
    home.first_series = index;
  } else {
    series[home.last_series].next_in_window = index;
  }
  home.last_series = index;
  series_by_key.insert(SeriesIndex{index});
  log.push_back(index);
  count(index, Standing::arriving);
  return index;
}

void Catalogue::Tables::count(std::uint32_t i, Standing standing) {
  SeriesRow& row = series[i];
  row.standing.store(standing, std::memory_order_relaxed);
  ++series_counted;
  if (windows[row.window].counted++ == 0) ++windows_counted;
  if (!series_by_sensor.empty()) ++series_by_sensor[row.sensor.text()];
  QuantityInfo& quantity = *quantities[windows[row.window].quantity];
  if (quantity.counted++ > 0 || quantity.built_in) return;
  ++quantities_counted;
  quantity.brought_by = row.sensor;
  ++quantities_by_sensor[std::string(row.sensor.text())];
}

void Catalogue::Tables::leave(std::uint32_t i) {
  SeriesRow& row = series[i];
  row.standing.store(Standing::left, std::memory_order_relaxed);
  --series_counted;
  if (--windows[row.window].counted == 0) --windows_counted;
  if (!series_by_sensor.empty()) --series_by_sensor[row.sensor.text()];
  QuantityInfo& quantity = *quantities[windows[row.window].quantity];
  if (--quantity.counted > 0 || quantity.built_in) return;
  --quantities_counted;
  const auto its = quantities_by_sensor.find(quantity.brought_by.text());
  if (its != quantities_by_sensor.end() && --its->second == 0) quantities_by_sensor.erase(its);
}

}  // namespace temperature::catalogue
