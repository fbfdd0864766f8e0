#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "pipeline/write_path.h"

// The words that InfluxDB's clients expect from the addresses that take line protocol.
namespace temperature::doors {

enum class Dialect : std::uint8_t {
  v1,  // {"error": "..."}
  v2,  // {"code": "...", "message": "...", "line": n}
  v3,  // {"error": "...", "data": [{"original_line", "line_number", "error_message"}]}
};

// An error that concerns the whole request. Passing troubles are 503 with Retry-After whatever they are: clients keep
// the batch then, and throw it away on a 400.
void write_error_v1(http::Response& response, const Error& error);
void write_error_v2(http::Response& response, const Error& error);
void write_error_v3(http::Response& response, const Error& error);

// What became of the lines. `outcome` tells of each that was refused its line, counted from 0, and of the first ones
// why; their texts are the lines'. 204 when all were taken, repeated ones and conflicts included.
void write_line_outcome(http::Response& response, Dialect dialect, const pipeline::WriteOutcome& outcome);

}  // namespace temperature::doors
