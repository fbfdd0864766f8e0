#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catalogue/catalogue.h"

// What the lists of rooms and sensors have in common.
namespace temperature::pipeline {

// A cursor names the last row of its page: length-prefixed texts, so that any name is possible.
std::string encode_cursor(std::initializer_list<std::string_view> names);

// Error parameter_invalid: the cursor is not one of so many texts.
Result<std::vector<std::string>> decode_cursor(std::string_view cursor, std::size_t names);

using RoomName = std::pair<std::string_view, std::string_view>;  // (building, room)

// The rooms that come after `after`, in order, at most `limit`. `building`: of that one alone; `visible`, sorted: of
// those alone, unless it is empty.
std::vector<catalogue::Catalogue::Room> next_rooms(const catalogue::Catalogue& catalogue,
                                                   const std::optional<std::string>& building,
                                                   const std::vector<std::string>& visible, RoomName after,
                                                   std::size_t limit);

}  // namespace temperature::pipeline
