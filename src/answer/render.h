#pragma once

#include <span>
#include <string>

#include "answer/answer.h"
#include "answer/history.h"

// Answers as JSON and CSV, appended to a string.
namespace temperature::answer {

void render_json(std::string& out, const AverageQuery& query, const Average& average);
void render_json(std::string& out, const RoomsPage& page, Timestamp at);
void render_json(std::string& out, const SensorsPage& page, Timestamp at);
void render_json(std::string& out, const ReadingsQuery& query, const ReadingsPage& page);

// One line for each reading, in a form that can be posted and replayed again.
void render_ndjson(std::string& out, const ReadingsQuery& query, std::span<const ReadingRow> rows);
void render_csv(std::string& out, const ReadingsQuery& query, std::span<const ReadingRow> rows);
void render_csv_header(std::string& out);

// Times are a bucket's start and end, excluded; count comes first, then what was asked for, in that order.
void render_json(std::string& out, const HistoryQuery& query, const HistoryPage& page);
void render_csv(std::string& out, const HistoryQuery& query, const HistoryPage& page);
void render_csv_header(std::string& out, const HistoryQuery& query);

}  // namespace temperature::answer
