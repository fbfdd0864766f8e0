#include "ingest/csv.h"

#include <gtest/gtest.h>

#include <string>

#include "ingest/json_test_bodies.h"
#include "model/batch_limits.h"

namespace temperature::ingest {
namespace {

void expect_csv(std::string body, const std::string& want) {
  const std::string original = body;
  Parsed parsed;
  const auto read = parse_csv(body, parsed);
  EXPECT_EQ(outcome_of(read, parsed), want) << original;
}

const std::string kHeader = "room,sensor,timestamp,value\n";

TEST(Csv, reads_rows_by_their_header) {
  expect_csv("room,sensor,value\nr,s,1.5\n", "/r/s//@=1.5");
  expect_csv("value,unit,timestamp,quantity,sensor,room,building\n1,%,7,humidity,s,r,b", "b/r/s/humidity/%@7=1.");
  expect_csv("timestamp,room_id,sensor_id,quantity,value\r\n2022-10-05T22:00:00.000Z,917810,917810-bms,co2,424.0\r\n",
             "/917810/917810-bms/co2/@1665007200000=424.");
  expect_csv("note,room,sensor,value,\nx,r,s,1,y\n", "/r/s//@=1.");
  expect_csv("\xef\xbb\xbfroom,sensor,value\nr,s,1\n", "/r/s//@=1.");
}

TEST(Csv, reads_quotes) {
  expect_csv(kHeader + "\"r\",\"s\",\"7\",\"1\"", "/r/s//@7=1.");
  expect_csv(kHeader + "\"the \"\"big\"\" room\",\"s,1\",7,1", "/the \"big\" room/s,1//@7=1.");
  expect_csv(kHeader + "\"r\n2\",s,7,1\nr,s,8,2", "/r\n2/s//@7=1.; /r/s//@8=2.");
  expect_csv("\"room\",\"sensor\",\"value\"\nr,s,1", "/r/s//@=1.");
  expect_csv(kHeader + "a\"b,s,7,1", "/a\"b/s//@7=1.");
}

TEST(Csv, empty_lines_and_fields_are_nothing) {
  expect_csv(kHeader + "\n\r\nr,s,,1\n\n", "/r/s//@=1.");
  expect_csv(kHeader, "");
}

TEST(Csv, rejects_a_row_and_keeps_its_neighbours) {
  const auto expect_code = [](const std::string& row, const std::string& code) {
    expect_csv(kHeader + "r,s,7,1\n" + row + "\nr,s,8,2\n", "/r/s//@7=1.; " + code + "; /r/s//@8=2.");
  };
  expect_code(",s,7,1", "field_missing");
  expect_code("r,,7,1", "field_missing");
  expect_code("r,s,7,", "field_missing");
  expect_code("r,s,7,warm", "field_type");
  expect_code("r,s,7,21.5 C", "field_type");
  expect_code("r,s,7,NaN", "field_type");
  expect_code("r,s,7,1e999", "value_invalid");
  expect_code("r,s,yesterday,1", "timestamp_invalid");
  expect_code("r,s,7.5,1", "timestamp_invalid");
  expect_code("r,s,7", "malformed_line");
  expect_code("r,s,7,21,5", "malformed_line");
  expect_code("\"r\"x,s,7,1", "malformed_line");
  expect_code("\"r,s,7,1", "malformed_line");
}

TEST(Csv, names_the_line_and_keeps_the_text) {
  std::string body = kHeader + "\"r\n2\",s,7,1\n\nr,s,7,warm\n";
  Parsed parsed;
  ASSERT_TRUE(parse_csv(body, parsed));
  ASSERT_EQ(parsed.rejected.size(), 1U);
  EXPECT_EQ(parsed.rejected[0].index, 1U);
  EXPECT_EQ(parsed.rejected[0].error.detail, "field \"value\" must be a number, not \"warm\" (line 5)");
  EXPECT_EQ(parsed.rejected[0].text, "r,s,7,warm");
  EXPECT_EQ(parsed.rejected_by_code[std::to_underlying(ErrorCode::field_type)], 1U);
}

TEST(Csv, refuses_a_body_without_its_header) {
  for (const char* body : {"", "\n", "r,s,1\n", "room,sensor\nr,s", "sensor,value\ns,1", "room,value\nr,1",
                           "room,sensor,value,room\n", "room,sensor,value,time,time\n", "\"room,sensor,value\nr,s,1"}) {
    expect_csv(body, "error malformed_body");
  }
}

TEST(Csv, a_request_may_have_this_many_rows) {
  std::string body = "room,sensor,value\n";
  for (std::size_t i = 0; i < limits::kReadingsPerBatchMax; ++i) body += "r,s,1\n";
  std::string more = body + "r,s,1\n";
  Parsed parsed;
  ASSERT_TRUE(parse_csv(body, parsed));
  EXPECT_EQ(parsed.readings.size(), limits::kReadingsPerBatchMax);
  expect_csv(more, "error too_many_readings");
}

}  // namespace
}  // namespace temperature::ingest
