#include "client/room_text.h"

#include <fmt/format.h>

#include "client/printable.h"
#include "client/readable.h"

namespace temperature::client {
namespace {

std::string value_or_none(std::optional<double> value, std::string_view unit) {
  return value ? readable_value(*value, unit) : std::string();
}

std::string before(Duration age, bool of_now) {
  return readable_age(age) + (of_now ? " ago" : " before");
}

// "the last 15 minutes", "the last hour", "the 15 minutes up to 2026-11-29 03:44:04 UTC".
std::string window_text(const AverageAnswer& answer, bool of_now) {
  std::string length = readable_duration(answer.window);
  if (length.starts_with("1 ")) length.erase(0, 2);
  return of_now ? "the last " + length : fmt::format("the {} up to {}", length, readable_moment(answer.end));
}

std::string place(std::string_view building, std::string_view room, std::string_view quantity) {
  return fmt::format("{} of {} in {}", printable(quantity), printable(room), printable(building));
}

}  // namespace

Table rooms_table() {
  using enum Table::Side;
  return Table({{"BUILDING"},
                {"ROOM"},
                {"QUANTITY"},
                {"AVERAGE", right},
                {"READINGS", right},
                {"SENSORS", right},
                {"LATEST", right},
                {"AGE", right}});
}

std::size_t add_room(Table& table, const ListedRoom& room, std::string_view quantity) {
  std::size_t silent = 0;
  for (const RoomQuantity& each : room.quantities) {
    if (!quantity.empty() && each.quantity != quantity) continue;
    table.add({room.building, room.room, each.quantity, value_or_none(each.average, each.unit),
               std::to_string(each.count), std::to_string(each.sensors),
               each.latest ? readable_value(each.latest->value, each.unit) : "",
               each.latest ? readable_age(each.latest->age) : ""});
    if (each.count == 0) ++silent;
  }
  return silent;
}

std::string average_text(const AverageAnswer& answer, bool of_now) {
  const std::string unit = printable(answer.unit);
  std::string what = place(answer.building, answer.room, answer.quantity);
  if (!answer.sensor.empty()) what += ", sensor " + printable(answer.sensor);
  const std::string window = window_text(answer, of_now);
  if (answer.count > 0) {
    return fmt::format(
        "{}  {}, the average of {}\n"
        "readings  {} of {}, from {} to {}\n"
        "latest    {}, {}\n",
        readable_value(*answer.value, unit), what, window, answer.count, counted(answer.sensors, "sensor"),
        readable_value(*answer.min, unit), readable_value(*answer.max, unit), before(answer.end - *answer.last, of_now),
        readable_moment(*answer.last));
  }
  std::string text = fmt::format("no readings in {}: {}\n", window, what);
  if (answer.latest) {
    text += fmt::format("latest    {}, {}, {}\n", readable_value(answer.latest->value, unit),
                        before(answer.latest->age, of_now), readable_moment(answer.latest->timestamp));
  }
  if (!answer.detail.empty()) text += printable(answer.detail) + "\n";
  return text;
}

Table history_table(bool with_rooms) {
  using enum Table::Side;
  std::vector<Table::Column> columns{{"FROM"}};
  if (with_rooms) columns.push_back({"ROOM"});
  columns.insert(columns.end(), {{"AVERAGE", right}, {"MIN", right}, {"MAX", right}, {"READINGS", right}});
  return Table(std::move(columns));
}

void add_history_row(Table& table, const HistoryRow& row, std::string_view unit, bool with_rooms) {
  std::vector<std::string> cells{readable_moment(row.start)};
  if (with_rooms) cells.push_back(row.room);
  for (const auto& value : {row.mean, row.min, row.max}) cells.push_back(value_or_none(value, unit));
  cells.push_back(std::to_string(row.count));
  table.add(std::move(cells));
}

std::string history_title(const HistoryFrame& frame, std::string_view rooms) {
  return fmt::format("{}, in steps of {}\n", place(frame.building, rooms, frame.quantity),
                     readable_duration(frame.step));
}

std::string no_history_text(const HistoryFrame& frame) {
  std::string text = fmt::format("no readings from {} to {}\n", readable_moment(frame.from), readable_moment(frame.to));
  if (!frame.detail.empty()) text += printable(frame.detail) + "\n";
  return text;
}

}  // namespace temperature::client
