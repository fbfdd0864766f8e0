#include "client/recording.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/bounds.h"
#include "client/gzip_for_test.h"

namespace temperature::client {
namespace {

// What each line is: "room/sensor quantity unit @ms value", or why it is nothing.
std::vector<std::string> lines_of(const std::string& text, std::size_t bytes_at_once = 1 << 20) {
  MemorySource source(text, bytes_at_once);
  Recording recording(source);
  std::vector<std::string> lines;
  if (auto begun = recording.begin(); !begun) return {begun.error().detail};
  for (auto more = recording.next(); more && *more; more = recording.next()) {
    const auto reading = recording.reading();
    std::string line = std::to_string(recording.line()) + ": ";
    if (reading) {
      for (const std::string_view name :
           {reading->building, reading->room, reading->sensor, reading->quantity, reading->unit}) {
        line += std::string(name) + " ";
      }
      line += "@" + std::to_string(to_ms(reading->timestamp)) + " " + std::to_string(reading->value);
    } else {
      line += reading.error();
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(Recording, reads_csv_by_its_header) {
  EXPECT_EQ(
      lines_of("value,sensor,room,timestamp\n20.5,s,hall,1700000000000\nx,s,hall,1700000000000\n"),
      (std::vector<std::string>{"2:  hall s   @1700000000000 20.500000", "3: the value \"x\" is no finite number"}));
}

TEST(Recording, reads_ndjson) {
  const std::string text =
      "\n  {\"room\":\"hall\",\"sensor\":\"s\",\"timestamp\":1700000000000,\"value\":20.5}\r\n"
      "\n"
      "{\"building\":\"b\",\"room\":\"h\\u00e4ll\",\"sensor\":\"s\",\"quantity\":\"co2\",\"unit\":\"ppm\","
      "\"timestamp\":\"2023-11-14T22:13:20.001Z\",\"value\":4}";
  const std::vector<std::string> want{"2:  hall s   @1700000000000 20.500000",
                                      "4: b häll s co2 ppm @1700000000001 4.000000"};
  EXPECT_EQ(lines_of(text), want);
  EXPECT_EQ(lines_of(gzip(text)), want);
  for (const std::size_t bytes_at_once : {1U, 2U, 7U, 64U}) EXPECT_EQ(lines_of(text, bytes_at_once), want);
}

TEST(Recording, says_what_is_wrong_with_a_line_and_goes_on) {
  const std::string good = R"({"room":"r","sensor":"s","timestamp":1,"value":2})";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{", "it is no JSON object"},
      {"7", "it is no JSON object"},
      {R"({"sensor":"s","timestamp":1,"value":2})", "room is missing"},
      {R"({"room":"r","sensor":null,"timestamp":1,"value":2})", "sensor is missing"},
      {R"({"room":7,"sensor":"s","timestamp":1,"value":2})", "room is no string"},
      {R"({"room":"r","sensor":"s","value":2})", "the timestamp is neither RFC 3339 nor epoch milliseconds"},
      {R"({"room":"r","sensor":"s","timestamp":"noon","value":2})",
       "the timestamp is neither RFC 3339 nor epoch milliseconds"},
      {R"({"room":"r","sensor":"s","timestamp":1.5,"value":2})",
       "the timestamp is neither RFC 3339 nor epoch milliseconds"},
      {R"({"room":"r","sensor":"s","timestamp":1,"value":"2"})", "the value is no finite number"},
      {R"({"room":"r","sensor":"s","timestamp":1})", "the value is no finite number"},
      {std::string(kRecordBytesMax + 1, 'x'), "the line is too long"},
  };
  for (const auto& [line, why] : cases) {
    for (const std::size_t bytes_at_once : {std::size_t{1} << 20U, std::size_t{1'000}}) {
      EXPECT_EQ(lines_of(good + "\n" + line + "\n" + good, bytes_at_once),
                (std::vector<std::string>{"1:  r s   @1 2.000000", "2: " + why, "3:  r s   @1 2.000000"}));
    }
  }
}

TEST(Recording, takes_a_line_of_the_greatest_length) {
  std::string line = R"({"room":"r","sensor":"s","timestamp":1,"value":2,"more":")";
  line += std::string(kRecordBytesMax - line.size() - 2, 'x') + "\"}";
  ASSERT_EQ(line.size(), kRecordBytesMax);
  EXPECT_EQ(lines_of(line + "\n"), (std::vector<std::string>{"1:  r s   @1 2.000000"}));
}

TEST(Recording, of_nothing_is_said_to_be_empty) {
  EXPECT_EQ(lines_of(""), (std::vector<std::string>{"the file is empty; it must begin with a header"}));
}

}  // namespace
}  // namespace temperature::client
