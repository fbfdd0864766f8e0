#include <gtest/gtest.h>

#include <string>

#include "ingest/json.h"
#include "ingest/json_test_bodies.h"

// Fields under other names than their own, in JSON.
namespace temperature::ingest {
namespace {

// What becomes of a body's one reading, by a parser that ignores or refuses what is unknown.
std::string outcome(std::string body, UnknownFields unknown_fields = UnknownFields::ignore) {
  JsonParser parser(unknown_fields);
  Parsed parsed;
  const auto read = parser.parse(body, parsed);
  return outcome_of(read, parsed);
}

std::string detail_of(std::string body, UnknownFields unknown_fields = UnknownFields::ignore) {
  JsonParser parser(unknown_fields);
  Parsed parsed;
  const auto read = parser.parse(body, parsed);
  if (!read) return read.error().detail;
  return parsed.rejected.empty() ? "taken" : parsed.rejected.front().error.detail;
}

TEST(JsonFields, are_known_by_their_other_names) {
  const std::string want = "b/r/s/humidity/%@7=1.";
  expect(R"({"Building":"b","Room":"r","Sensor":"s","Quantity":"humidity","Unit":"%","Timestamp":7,"Value":1})", want);
  expect(R"({"BUILDING":"b","ROOM":"r","SENSOR":"s","QUANTITY":"humidity","UNIT":"%","TIMESTAMP":7,"VALUE":1})", want);
  expect(R"({"building_id":"b","room_id":"r","sensor_id":"s","measurand":"humidity","units":"%","ts":7,"value":1})",
         want);
  expect(R"({"buildingId":"b","roomId":"r","deviceId":"s","type":"Humidity","unit_of_measurement":"%","time":7,)"
         R"("value":1})",
         want);
  expect(R"({"building":"b","room":"r","sensor":"s","quantity":"humidity","uom":"%","dateTime":7,"value":1})", want);
  expect(R"({"room":"r","sensor":"s","value":1,"ti\u006de":7})", "/r/s//@7=1.");
  expect(R"({"room":"r","sensor":"s","value":1,"Time":"1970-01-01T00:00:07Z"})", "/r/s//@7000=1.");
}

TEST(JsonFields, the_own_name_goes_before_the_others) {
  expect(with(R"("timestamp":7,"time":8,"ts":9)"), "/r/s//@7=1.");
  expect(with(R"("time":8,"ts":9,"timestamp":7)"), "/r/s//@7=1.");
  expect(with(R"("time":"soon","timestamp":7)"), "/r/s//@7=1.");
  expect(with(R"("timestamp":7,"time":["soon"])"), "/r/s//@7=1.");
  expect(with(R"("Unit":5,"unit":"C")"), "/r/s//C@=1.");
  expect(with(R"("room_id":12,"Room":"x")"), "/r/s//@=1.");
  expect(R"({"Room":"x","room_id":"r","sensor":"s","value":1})", "/r/s//@=1.");
  expect(R"({"room_id":"r","Room":"x","sensor":"s","value":1})", "/r/s//@=1.");
  expect(R"({"device":"x","sensor_id":"s","room":"r","value":1})", "/r/s//@=1.");
  expect(with(R"("type":"co2","quantity":"humidity")"), "/r/s/humidity/@=1.");
  expect(with(R"("timestamp":null,"time":8)"), "/r/s//@8=1.");
  expect(with(R"("time":8,"timestamp":null)"), "/r/s//@8=1.");
  expect(with(R"("timestamp":true,"time":8)"), "field_type");
}

TEST(JsonFields, two_other_names_must_agree) {
  expect(with(R"("time":8,"ts":8)"), "/r/s//@8=1.");
  expect(with(R"("time":8000,"ts":"1970-01-01T00:00:08Z")"), "/r/s//@8000=1.");
  expect(with(R"("units":"C","uom":"C")"), "/r/s//C@=1.");
  expect(with(R"("time":8,"ts":null)"), "/r/s//@8=1.");
  expect(with(R"("type":"co2","kind":"CO2","metric":"DHT22")"), "/r/s/co2/@=1.");
  expect(with(R"("time":8,"ts":9)"), "field_repeated");
  expect(with(R"("units":"C","uom":"F")"), "field_repeated");
  expect(with(R"("type":"co2","kind":"humidity")"), "field_repeated");
  expect(with(R"("time":8,"ts":"soon")"), "timestamp_invalid");
  expect(R"({"room":"r","sensor":"s","Value":1,"VALUE":2})", "field_repeated");
  EXPECT_EQ(detail_of(with(R"("time":8,"Ts":9)")),
            R"(field "time" and field "Ts" both mean the timestamp, and have different values)");
}

TEST(JsonFields, a_type_is_the_quantity_only_when_it_is_one) {
  expect(with(R"("type":"humidity")"), "/r/s/humidity/@=1.");
  expect(with(R"("type":"DHT22")"), "/r/s//@=1.");
  expect(with(R"("type":22)"), "/r/s//@=1.");
  expect(with(R"("type":{"a":1})"), "/r/s//@=1.");
  EXPECT_EQ(outcome(with(R"("type":"humidity")"), UnknownFields::refuse), "/r/s/humidity/@=1.");
  EXPECT_EQ(outcome(with(R"("type":"DHT22")"), UnknownFields::refuse), "field_unknown");
}

TEST(JsonFields, words_that_are_not_taken_refuse_their_reading_alone) {
  expect("[" + with("") + "," + with(R"("created_at":"2026-01-31T12:00:00Z")") + "," + with(R"("scale":"F")") + "]",
         "/r/s//@=1.; field_unknown; field_unknown");
  expect(with(R"("date":"2026-01-31")"), "field_unknown");
  expect(with(R"("created_at":null)"), "/r/s//@=1.");
  expect(with(R"("created_at":1,"timestamp":7)"), "/r/s//@7=1.");  // the time is said
  expect(with(R"("time":7,"CreatedAt":1)"), "/r/s//@7=1.");
  expect(with(R"("scale":"F","unit":"C")"), "/r/s//C@=1.");
  expect(with(R"("scale":"F","timestamp":7)"), "field_unknown");
  EXPECT_EQ(detail_of(with(R"("CreatedAt":1)")),
            R"(field "CreatedAt" is not taken as the timestamp, for its meaning is not sure: send "timestamp")");
}

TEST(JsonFields, unknown_ones_may_be_refused) {
  EXPECT_EQ(outcome(with(R"("battery":3.1)"), UnknownFields::refuse), "field_unknown");
  EXPECT_EQ(outcome(with(R"("unit":"C","Timestamp":7)"), UnknownFields::refuse), "/r/s//C@7=1.");
  EXPECT_EQ(outcome("[" + with("") + "," + with(R"("x":1)") + "," + with(R"("x":1)") + "]", UnknownFields::refuse),
            "/r/s//@=1.; field_unknown; field_unknown");
  EXPECT_EQ(detail_of(with(R"("K\u00fcche":3.1)"), UnknownFields::refuse), "field \"Küche\" is not known");
}

TEST(JsonFields, a_message_has_the_name_that_was_sent) {
  EXPECT_EQ(detail_of(with(R"("Timestamp":"2026-01-31T12:00:00")")),
            "field \"Timestamp\" (timestamp) has no offset from UTC; it must end with Z or one such as +01:00: "
            "2026-01-31T12:00:00");
  EXPECT_EQ(detail_of(R"({"room":"r","sensor":"s","Value":"warm"})"),
            R"(field "Value" (value) must be a number, not "warm")");
}

// Each object's names are guessed from the one before; every order must still be read as it is.
TEST(JsonFields, names_may_change_from_reading_to_reading) {
  const std::string names[] = {"timestamp", "Timestamp", "ts", "unit_of_measurement", "units", "created", "x"};
  for (const std::string& one : names) {
    for (const std::string& other : names) {
      const auto object = [](const std::string& name) {
        const bool text = name.starts_with("unit");
        return R"({"room":"r","sensor":"s",")" + name + "\":" + (text ? "\"C\"" : "7") + R"(,"value":1})";
      };
      const auto want = [](const std::string& name) -> std::string {
        if (name.starts_with("unit")) return "/r/s//C@=1.";
        if (name == "created") return "field_unknown";
        return name == "x" ? "/r/s//@=1." : "/r/s//@7=1.";
      };
      expect("[" + object(one) + "," + object(one) + "," + object(other) + "," + object(one) + "]",
             want(one) + "; " + want(one) + "; " + want(other) + "; " + want(one));
    }
  }
}

// A name that holds a backslash looks like another's escape.
TEST(JsonFields, a_name_with_escapes_is_not_guessed_by_its_meaning) {
  expect("[" + with(R"("\\u0075nit":"C")") + "," + with(R"("\u0075nit":"C")") + "]", "/r/s//@=1.; /r/s//C@=1.");
}

TEST(JsonFields, a_number_may_stand_in_a_string) {
  const auto f = [](const std::string& text, const std::string& want) { expect(with_value("\"" + text + "\""), want); };
  f("21.5", "/r/s//@=21.5");
  f("-40", "/r/s//@=-40.");
  f("1e2", "/r/s//@=100.");
  f(" 21.5 ", "/r/s//@=21.5");
  f("\\t21.5", "/r/s//@=21.5");
  f("2\\u0031.5", "/r/s//@=21.5");
  f("2\\u0031", "/r/s//@=21.");
  f("1\\u0065\\u0031", "/r/s//@=10.");
  f("1e999", "value_invalid");
  for (const char* text : {"", " ", "21,5", "21.5 C", "+21.5", ".5", "5.", "0x10", "NaN", "1 2", "021", "\\n1"}) {
    f(text, "field_type");
  }
}

TEST(JsonFields, a_value_that_is_not_finite_refuses_its_reading_alone) {
  const std::string good = with("");
  for (const char* word : {"NaN", "nan", "NAN", "Infinity", "-Infinity", "+Infinity", "inf", "-inf", "Inf", "-nan"}) {
    expect("[" + good + "," + with_value(word) + "," + good + "]", "/r/s//@=1.; value_invalid; /r/s//@=1.");
    expect("[" + good + "," + with(std::string("\"timestamp\":") + word) + "]", "/r/s//@=1.; field_type");
    expect("[" + with(std::string("\"battery\":[") + word + "]") + "]", "/r/s//@=1.");
    expect("[" + good + "," + word + "]", "/r/s//@=1.; field_type");
    expect(word, "error malformed_json");
    expect(with_value(word), "error malformed_json");  // alone in its body
  }
  for (const char* word : {"NaNN", "infinite", "--inf", "undefined", "None", "1NaN", "NaN1", "-"}) {
    expect("[" + good + "," + with_value(word) + "]", "error malformed_json");
  }
  EXPECT_EQ(detail_of("[" + with_value("-Infinity") + "]"), R"(field "value" is not a finite number: -Infinity)");
}

TEST(JsonFields, a_byte_order_mark_is_passed_over) {
  expect("\xef\xbb\xbf" + with(""), "/r/s//@=1.");
  expect("\xef\xbb\xbf[" + with("") + "]", "/r/s//@=1.");
  expect("\xef\xbb\xbf", "error malformed_json");
  expect("\xef\xbb\xbf\xef\xbb\xbf[]", "error malformed_json");
  expect("[]\xef\xbb\xbf", "error malformed_json");
  EXPECT_EQ(detail_of("\xef\xbb\xbf[1,]"), "at byte 6: a value is expected");
  JsonParser parser;
  Parsed parsed;
  for (const std::string& end : {std::string(), std::string("\n\"broken")}) {
    std::string lines = "\xef\xbb\xbf" + with("") + "\n" + with("") + end;
    ASSERT_TRUE(parser.parse_lines(lines, parsed));
    EXPECT_EQ(parsed.readings.size(), 2U);
  }
}

}  // namespace
}  // namespace temperature::ingest
