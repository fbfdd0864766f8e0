#include "ingest/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "ingest/json_test_bodies.h"

namespace temperature::ingest {
namespace {

TEST(Json, reads_an_object_and_an_array_of_objects) {
  const std::string whole = R"({"building":"b","room":"room-12","sensor":"sensor-3","quantity":"temperature",)"
                            R"("timestamp":1700000000123,"value":21.57,"unit":"C"})";
  expect(whole, "b/room-12/sensor-3/temperature/C@1700000000123=21.57");
  expect("[" + whole + "]", "b/room-12/sensor-3/temperature/C@1700000000123=21.57");
  expect(with(""), "/r/s//@=1.");
  expect("[]", "");
  expect(" \t\r\n[ \t\r\n] \t\r\n", "");
  expect("[" + with("") + "," + with(R"("unit":"K")") + "]", "/r/s//@=1.; /r/s//K@=1.");
  expect(R"({"value":1,"sensor":"s","room":"r"})", "/r/s//@=1.");
  expect("\n{ \"room\" : \"r\" ,\r\n\t\"sensor\" : \"s\"\t,\"value\" : 1 }\n", "/r/s//@=1.");
  expect(R"([{"value":1,"sensor":"s","room":"r"},{"room":"q","timestamp":5,"value":2,"sensor":"t"},{"room":"r",)"
         R"("sensor":"s","value":3}])",
         "/r/s//@=1.; /q/t//@5=2.; /r/s//@=3.");
  expect(R"([{"roo":1,"rooms":2,"":3,"ROOM":4,"room":"r","sensor":"s","value":1,"valued":5}])", "/r/s//@=1.");
}

TEST(Json, reads_timestamps) {
  const auto f = [](const std::string& timestamp, const std::string& want) {
    expect(with("\"timestamp\":" + timestamp), want);
  };
  f("0", "/r/s//@0=1.");
  f("-5", "/r/s//@-5=1.");
  f("9223372036854775807", "/r/s//@9223372036854775807=1.");
  f("-9223372036854775808", "/r/s//@-9223372036854775808=1.");
  f("1.6e12", "/r/s//@1600000000000=1.");
  f("1600000000000.0", "/r/s//@1600000000000=1.");
  f("9007199254740993.0", "/r/s//@9007199254740993=1.");
  f(R"("2022-10-05T22:00:00Z")", "/r/s//@1665007200000=1.");
  f(R"("2022-10-06T00:00:00.25+02:00")", "/r/s//@1665007200250=1.");
  f(R"("2022-10-05T22:00:00\u005a")", "/r/s//@1665007200000=1.");
  f("null", "/r/s//@=1.");
  f("1600000000000.5", "field_type");
  f("1600000000000.0000000001", "field_type");
  f("1e-400", "field_type");
  f("true", "field_type");
  f("[1]", "field_type");
  f("{}", "field_type");
  f("9223372036854775808", "timestamp_invalid");
  f("1e30", "timestamp_invalid");
  f("1e400", "timestamp_invalid");
  f("\"\"", "timestamp_invalid");
  f("\"1600000000000\"", "timestamp_invalid");
  f("\"2022-02-29T00:00:00Z\"", "timestamp_invalid");
  f("\"yesterday\"", "timestamp_invalid");
}

TEST(Json, reads_values) {
  const auto f = [](const std::string& text, double want) {
    std::string body = with_value(text);
    Parsed parsed;
    ASSERT_TRUE(used_parser().parse(body, parsed)) << text;
    ASSERT_EQ(parsed.readings.size(), 1U) << text;
    EXPECT_EQ(parsed.readings[0].value, want) << text;
    EXPECT_EQ(std::signbit(parsed.readings[0].value), std::signbit(want)) << text;
  };
  f("0", 0.0);
  f("-0", -0.0);
  f("-40", -40);
  f("21.570000000000004", 21.570000000000004);
  f("1.7976931348623157e308", 1.7976931348623157e308);
  f("5e-324", 5e-324);
  f("1e-400", 0);
  f("9007199254740993", 9007199254740992);
  f("123456789012345678901234567890", 123456789012345678901234567890.0);
  expect(with_value("1e400"), "value_invalid");
  expect(with_value("-1e400"), "value_invalid");
  expect(with_value("1" + std::string(400, '0')), "value_invalid");
}

TEST(Json, reads_names_with_and_without_escapes) {
  expect(with_room(R"("")"), "//s//@=1.");
  expect(with_room(R"("a/b c")"), "/a/b c/s//@=1.");
  expect(with_room(R"("Küche 😀")"), "/Küche 😀/s//@=1.");
  expect(with_room(R"("K\u00fcche \uD83D\uDE00")"), "/Küche 😀/s//@=1.");
  expect(with_room(R"("\"quoted\"")"), "/\"quoted\"/s//@=1.");
  expect(with_room(R"("a\\")"), "/a\\/s//@=1.");
  expect(with_room(R"("{\"room\":\"x\"},[]")"), "/{\"room\":\"x\"},[]/s//@=1.");
  expect(with_room(R"("a\tb")"), "/a\tb/s//@=1.");
  expect(with_room("\"\x7f\""), "/\x7f/s//@=1.");
  expect(R"({"r\u006fom":"r","\u0073ensor":"s","value":1})", "/r/s//@=1.");
  expect(R"([{"room":"\u0041","sensor":"s","value":1},{"room":"r","sensor":"\u0042","value":2}])",
         "/A/s//@=1.; /r/B//@=2.");
}

TEST(Json, rejects_a_reading_and_keeps_its_neighbours) {
  expect("[{}," + with("") + "]", "field_missing; /r/s//@=1.");
  expect("[" + with("") + R"(,1,"x",null,true,[],{"room":[]}])" + "",
         "/r/s//@=1.; field_type; field_type; field_type; field_type; field_type; field_type");
  expect(R"({"sensor":"s","value":1})", "field_missing");
  expect(R"({"room":"r","value":1})", "field_missing");
  expect(R"({"room":"r","sensor":"s"})", "field_missing");
  expect(R"({"room":null,"sensor":"s","value":1})", "field_missing");
  expect(R"({"room":"r","sensor":null,"value":1})", "field_missing");
  expect(with_value("null"), "field_missing");
  expect(with(R"("building":null,"quantity":null,"timestamp":null,"unit":null)"), "/r/s//@=1.");
  expect(with_room("12"), "field_type");
  expect(with_room("true"), "field_type");
  expect(with_room(R"({"room":"r"})"), "field_type");
  expect(with(R"("building":1)"), "field_type");
  expect(with(R"("quantity":["temperature"])"), "field_type");
  expect(with(R"("unit":1.5)"), "field_type");
  expect(R"({"room":"r","sensor":7,"value":1})", "field_type");
  for (const char* value : {"true", "false", "\"warm\"", "[21.5]", "{}"}) expect(with_value(value), "field_type");
  for (const char* field :
       {R"("room":"r")", R"("sensor":"t")", R"("value":1)", R"("value":null)", R"("room":null)", R"("room":5)",
        R"("\u0072oom":"x")", R"("unit":"C","unit":"C")", R"("timestamp":1,"timestamp":1)",
        R"("building":null,"building":"b")", R"("quantity":"q","quantity":"q")"}) {
    expect(with(field), "field_repeated");
  }
  expect("1", "field_type");
  expect("\"reading\"", "field_type");
  expect(" null ", "field_type");
}

TEST(Json, ignores_unknown_fields_that_are_json) {
  for (const char* field : {R"("x":1)", R"("x":"room")", R"("x":null,"x":true,"x":false)", R"("x":{"room":1,"room":2})",
                            R"("x":[1,"a\n\u00e4",{"y":[[],{}]}])", R"("x":1e400)", R"("":{})", R"("x":-0.0E-0)"}) {
    expect(with(field), "/r/s//@=1.");
  }
}

TEST(Json, an_object_with_more_fields_than_are_remembered_is_read) {
  std::string fields;
  for (int i = 0; i < 40; ++i) fields += "\"x" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  const std::string object = "{" + fields + R"("room":"r",)" + fields + R"("sensor":"s","value":1})";
  expect("[" + object + "," + object + "]", "/r/s//@=1.; /r/s//@=1.");
}

// A parser's memory grows with its bodies, in powers of two, and is given back after a very large one.
TEST(Json, a_parser_reads_bodies_of_any_size_in_any_order) {
  JsonParser parser;
  for (const std::size_t bytes : {100U, 16'384U, 16'385U, 100U, 32'769U, 5'000'000U, 8'388'609U, 100U, 70'000U}) {
    const std::string empty = with_room("\"\"");
    const std::string room(bytes - empty.size(), 'r');
    std::string body = with_room("\"" + room + "\"");
    ASSERT_EQ(body.size(), bytes);
    Parsed parsed;
    ASSERT_TRUE(parser.parse(body, parsed)) << bytes;
    ASSERT_EQ(parsed.readings.size(), 1U) << bytes;
    EXPECT_TRUE(parsed.readings[0].room == room) << bytes;
  }
}

}  // namespace
}  // namespace temperature::ingest
