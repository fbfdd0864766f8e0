#pragma once

#include <string>

#include "answer/answer.h"

// Answers as JSON and CSV, appended to a string.
namespace temperature::answer {

void render_json(std::string& out, const Average& average);
void render_json(std::string& out, const RoomsPage& page, Timestamp at);
void render_json(std::string& out, const SensorsPage& page, Timestamp at);
void render_json(std::string& out, const ReadingsQuery& query, const ReadingsPage& page);

// One line for each reading, in a form that can be posted and replayed again.
void render_ndjson(std::string& out, const ReadingsQuery& query, const ReadingsPage& page);
void render_csv(std::string& out, const ReadingsQuery& query, const ReadingsPage& page);
void render_csv_header(std::string& out);

}  // namespace temperature::answer
