#include "pipeline/listing.h"

#include <fmt/format.h>

#include <iterator>

namespace temperature::pipeline {

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

std::vector<catalogue::Catalogue::Room> next_rooms(const catalogue::Catalogue& catalogue,
                                                   const std::optional<std::string>& building,
                                                   const std::vector<std::string>& visible, RoomName after,
                                                   std::size_t limit) {
  if (visible.empty()) return catalogue.rooms(building, after, limit);
  std::vector<catalogue::Catalogue::Room> rooms;
  for (const std::string& each : visible) {
    if ((building && each != *building) || each < after.first || rooms.size() == limit) continue;
    auto its = catalogue.rooms(each, each == after.first ? after : RoomName{each, {}}, limit - rooms.size());
    rooms.insert(rooms.end(), std::make_move_iterator(its.begin()), std::make_move_iterator(its.end()));
  }
  return rooms;
}

}  // namespace temperature::pipeline
