#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>

#include "ingest/csv.h"
#include "ingest/json.h"
#include "ingest/raw_reading.h"

// A body is not read to its end when the service stops.
namespace temperature::ingest {
namespace {

using Read = std::function<Result<void>(std::string& body, Parsed& parsed)>;

void expect_stop(std::string body, const Read& read) {
  const std::string original = body;
  std::atomic<bool> stopping{false};
  Parsed parsed;
  parsed.stopping = &stopping;
  ASSERT_TRUE(read(body, parsed)) << original;
  EXPECT_FALSE(parsed.readings.empty()) << original;
  stopping = true;
  body = original;
  const auto ended = read(body, parsed);
  ASSERT_FALSE(ended) << original;
  EXPECT_EQ(ended.error().code, ErrorCode::shutting_down) << original;
  EXPECT_TRUE(parsed.readings.empty() && parsed.rejected.empty()) << original;
  stopping = false;
  body = original;
  EXPECT_TRUE(read(body, parsed)) << original;
}

TEST(Stop, ends_every_syntax) {
  JsonParser json;
  const std::string object = R"({"room":"r","sensor":"s","value":1})";
  const Read lines = [&json](std::string& body, Parsed& parsed) { return json.parse_lines(body, parsed); };
  expect_stop("[" + object + "," + object + "]",
              [&json](std::string& body, Parsed& parsed) { return json.parse(body, parsed); });
  expect_stop(object + "\n" + object + "\n", lines);
  expect_stop(object + "\n\"no end\n" + object + "\n", lines);
  expect_stop("room,sensor,value\nr,s,1\nr,s,2\n",
              [](std::string& body, Parsed& parsed) { return parse_csv(body, parsed); });
}

// It is looked at often enough: of the readings in between none is left out.
TEST(Stop, is_looked_at_between_some_readings) {
  std::atomic<bool> stopping{true};
  Parsed parsed;
  EXPECT_FALSE(parsed.stops_at(0)) << "nobody stops it";
  parsed.stopping = &stopping;
  std::size_t looks = 0;
  for (std::size_t number = 0; number < 10 * limits::kReadingsBetweenStops; ++number) looks += parsed.stops_at(number);
  EXPECT_EQ(looks, 10U);
}

}  // namespace
}  // namespace temperature::ingest
