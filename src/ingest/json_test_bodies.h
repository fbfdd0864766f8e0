#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/json.h"

// Bodies, and what became of their readings on one line: shared by the tests of the JSON parser.
namespace temperature::ingest {

// A parser that has seen other bodies before, as parsers have.
inline JsonParser& used_parser() {
  static JsonParser parser;
  return parser;
}

// "building/room/sensor/quantity/unit@timestamp=value": what a reading is, on one line.
inline std::string text_of(const RawReading& reading) {
  std::string text;
  for (const auto part : {reading.building, reading.room, reading.sensor, reading.quantity}) {
    text.append(part).append("/");
  }
  text.append(reading.unit).append("@");
  if (reading.timestamp_ms) text += std::to_string(*reading.timestamp_ms);
  std::string value = std::to_string(reading.value);
  value.erase(value.find_last_not_of('0') + 1);
  return text + "=" + value;
}

// Every reading of a body in the order of the body: what was read, or the code it is rejected with.
inline std::string outcome_of(const Result<void>& read, const Parsed& parsed) {
  if (!read) {
    EXPECT_TRUE(parsed.readings.empty() && parsed.rejected.empty() && parsed.rejected_count == 0);
    return "error " + std::string(traits(read.error().code).code);
  }
  EXPECT_EQ(parsed.rejected.size(), parsed.rejected_count);
  std::vector<std::string> outcomes(parsed.readings.size() + parsed.rejected.size());
  for (const auto& reading : parsed.readings) outcomes.at(reading.index) += text_of(reading);
  for (const auto& rejected : parsed.rejected) outcomes.at(rejected.index) += traits(rejected.error.code).code;
  std::string text;
  for (const auto& outcome : outcomes) text.append(text.empty() ? "" : "; ").append(outcome);
  return text;
}

inline void expect(std::string body, const std::string& want) {
  const std::string original = body;
  Parsed parsed;
  const auto read = used_parser().parse(body, parsed);
  EXPECT_EQ(outcome_of(read, parsed), want) << original;
}

// The same three fields around what a case is about.
inline std::string with(const std::string& fields) {
  return R"({"room":"r","sensor":"s","value":1)" + (fields.empty() ? "" : "," + fields) + "}";
}
inline std::string with_value(const std::string& value) {
  return R"({"room":"r","sensor":"s","value":)" + value + "}";
}
inline std::string with_room(const std::string& room) {
  return R"({"room":)" + room + R"(,"sensor":"s","value":1})";
}

}  // namespace temperature::ingest
