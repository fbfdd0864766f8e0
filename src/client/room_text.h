#pragma once

#include <string>
#include <string_view>

#include "client/room_answers.h"
#include "client/table.h"

// What the service answers about rooms, as a person reads it. All of it is safe for a terminal.
namespace temperature::client {

// The list of rooms. `quantity`: this one alone; empty: all.
Table rooms_table();
// Returns how many rows it added that have no reading of the last 15 minutes.
std::size_t add_room(Table& table, const ListedRoom& room, std::string_view quantity);

// Some lines. `of_now`: the window ends now, and not at a moment that was asked for.
std::string average_text(const AverageAnswer& answer, bool of_now);

// `with_rooms`: the rows are of several.
Table history_table(bool with_rooms);
void add_history_row(Table& table, const HistoryRow& row, std::string_view unit, bool with_rooms);
// What stands above and, where there are no rows, below.
std::string no_history_text(const HistoryFrame& frame);
std::string history_title(const HistoryFrame& frame, std::string_view rooms);

}  // namespace temperature::client
