#include "client/room_text.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::client {
namespace {

// 2026-11-29T03:44:04Z
constexpr const char* kAverage =
    R"({"building":"main","room":"kitchen","quantity":"temperature","unit":"°C","value":21.534,"count":120,)"
    R"("sensors":3,"min":21.1,"max":22,"first":"2026-11-29T03:29:05.000Z","last":"2026-11-29T03:44:00.000Z",)"
    R"("window":"15m","start":"2026-11-29T03:29:04.000Z","end":"2026-11-29T03:44:04.000Z"})";
constexpr const char* kSilent =
    R"({"building":"main","room":"attic","quantity":"temperature","unit":"°C","value":null,"count":0,"sensors":0,)"
    R"("min":null,"max":null,"first":null,"last":null,"window":"15m","start":"2026-11-29T03:29:04.000Z",)"
    R"("end":"2026-11-29T03:44:04.000Z","latest":{"timestamp":"2026-11-29T00:44:04.000Z","value":19,)"
    R"("age_seconds":10800}})";
constexpr const char* kRoom =
    R"({"building":"main","room":"kitchen","quantities":[{"quantity":"co2","unit":"ppm","sensors":1,"average":612.4,)"
    R"("count":15,"latest":{"timestamp":"2026-11-29T03:44:00.000Z","value":615,"age_seconds":4.5}},)"
    R"({"quantity":"temperature","unit":"°C","sensors":2,"average":null,"count":0,"latest":null}]})";

class RoomText : public ::testing::Test {
 protected:
  simdjson::dom::element json(const std::string& text) {
    simdjson::dom::element element;
    EXPECT_EQ(parser.parse(text).get(element), simdjson::SUCCESS) << text;
    return element;
  }
  simdjson::dom::object object(const std::string& text) {
    simdjson::dom::object object;
    EXPECT_EQ(json(text).get(object), simdjson::SUCCESS) << text;
    return object;
  }
  static std::string replaced(std::string text, const std::string& part, const std::string& other) {
    const auto at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return text.replace(at, part.size(), other);
  }

  simdjson::dom::parser parser;
};

TEST_F(RoomText, TellsAnAverage) {
  const auto answer = read_average(object(kAverage));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(average_text(*answer, true),
            "21.53 °C  temperature of kitchen in main, the average of the last 15 minutes\n"
            "readings  120 of 3 sensors, from 21.10 °C to 22.00 °C\n"
            "latest    4 s ago, 2026-11-29 03:44:00 UTC\n");
  EXPECT_EQ(average_text(*answer, false),
            "21.53 °C  temperature of kitchen in main, the average of the 15 minutes up to 2026-11-29 03:44:04 UTC\n"
            "readings  120 of 3 sensors, from 21.10 °C to 22.00 °C\n"
            "latest    4 s before, 2026-11-29 03:44:00 UTC\n");
}

TEST_F(RoomText, TellsThatThereAreNoReadings) {
  const auto answer = read_average(object(kSilent));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(average_text(*answer, true),
            "no readings in the last 15 minutes: temperature of attic in main\n"
            "latest    19.00 °C, 3 h ago, 2026-11-29 00:44:04 UTC\n");
}

TEST_F(RoomText, TellsOfOneSensorAndWhatTheServiceAdds) {
  const std::string none = R"("latest":{"timestamp":"2026-11-29T00:44:04.000Z","value":19,"age_seconds":10800})";
  const auto answer =
      read_average(object(replaced(replaced(kSilent, none, R"("latest":null,"detail":"never\n had it")"),
                                   R"("quantity")", R"("sensor":"s1","quantity")")));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(average_text(*answer, true),
            "no readings in the last 15 minutes: temperature of attic in main, sensor s1\n"
            "never\\x0a had it\n");
}

TEST_F(RoomText, ListsRooms) {
  const auto room = read_room(json(kRoom));
  ASSERT_TRUE(room) << room.error().detail;
  Table all = rooms_table();
  EXPECT_EQ(add_room(all, *room, ""), 1U);
  EXPECT_EQ(all.take_lines(),
            "BUILDING  ROOM     QUANTITY        AVERAGE  READINGS  SENSORS      LATEST  AGE\n"
            "main      kitchen  co2          612.40 ppm        15        1  615.00 ppm  4 s\n"
            "main      kitchen  temperature           -         0        2           -    -\n");
  Table one = rooms_table();
  EXPECT_EQ(add_room(one, *room, "co2"), 0U);
  EXPECT_EQ(one.take_lines(),
            "BUILDING  ROOM     QUANTITY     AVERAGE  READINGS  SENSORS      LATEST  AGE\n"
            "main      kitchen  co2       612.40 ppm        15        1  615.00 ppm  4 s\n");
}

TEST_F(RoomText, ListsHistory) {
  const auto row = read_history_row(json(R"({"start":"2026-11-29T03:00:00.000Z","end":"2026-11-29T04:00:00.000Z",)"
                                         R"("room":"kitchen","count":60,"mean":21.5,"min":21,"max":22})"));
  ASSERT_TRUE(row) << row.error().detail;
  Table one = history_table(false);
  add_history_row(one, *row, "°C", false);
  EXPECT_EQ(one.take_lines(),
            "FROM                      AVERAGE       MIN       MAX  READINGS\n"
            "2026-11-29 03:00:00 UTC  21.50 °C  21.00 °C  22.00 °C        60\n");
  Table several = history_table(true);
  add_history_row(several, *row, "°C", true);
  EXPECT_EQ(several.take_lines(),
            "FROM                     ROOM      AVERAGE       MIN       MAX  READINGS\n"
            "2026-11-29 03:00:00 UTC  kitchen  21.50 °C  21.00 °C  22.00 °C        60\n");
  const auto frame = read_history_frame(
      object(R"({"building":"main","room":"kitchen","quantity":"temperature","unit":"°C","step":"1h",)"
             R"("from":"2026-11-28T00:00:00.000Z","to":"2026-11-29T00:00:00.000Z","buckets":[],"next":null})"));
  ASSERT_TRUE(frame) << frame.error().detail;
  EXPECT_EQ(history_title(*frame, "kitchen"), "temperature of kitchen in main, in steps of 1 hour\n");
  EXPECT_EQ(no_history_text(*frame), "no readings from 2026-11-28 00:00:00 UTC to 2026-11-29 00:00:00 UTC\n");
}

// What comes from elsewhere has any shape: it is refused, and nothing of it reaches the terminal as it is.
TEST_F(RoomText, RefusesWhatNoServiceAnswers) {
  for (const auto& [part, other] : std::initializer_list<std::pair<std::string, std::string>>{
           {R"("room":"kitchen")", R"("room":"")"},
           {R"("room":"kitchen")", R"("room":7)"},
           {R"("unit":"°C")", R"("unit":[])"},
           {R"("value":21.534)", R"("value":"21")"},
           {R"("value":21.534)", R"("value":null)"},
           {R"("value":21.534,)", ""},
           {R"("count":120)", R"("count":-1)"},
           {R"("count":120)", R"("count":1.5)"},
           {R"("last":"2026-11-29T03:44:00.000Z")", R"("last":null)"},
           {R"("last":"2026-11-29T03:44:00.000Z")", R"("last":"soon")"},
           {R"("window":"15m")", R"("window":"a while")"},
           {R"("end":"2026-11-29T03:44:04.000Z")", R"("end":{})"}}) {
    EXPECT_FALSE(read_average(object(replaced(kAverage, part, other)))) << other;
  }
  for (const std::string& age : {"1e300", "null", "\"1\""}) {
    EXPECT_FALSE(read_average(object(replaced(kSilent, "10800", age)))) << age;
  }
  for (const auto& [part, other] :
       std::initializer_list<std::pair<std::string, std::string>>{{R"("building":"main")", R"("building":null)"},
                                                                  {R"("quantities":[)", R"("quantities":[7,)"},
                                                                  {R"("quantity":"co2")", R"("quantity":"")"},
                                                                  {R"("sensors":1)", R"("sensors":"1")"},
                                                                  {R"("latest":null)", R"("latest":1)"}}) {
    EXPECT_FALSE(read_room(json(replaced(kRoom, part, other)))) << other;
  }
  for (const char* wrong : {"7", "{}", R"({"start":"2026-11-29T03:00:00.000Z","room":"r","count":1,"mean":"x"})"}) {
    EXPECT_FALSE(read_history_row(json(wrong))) << wrong;
  }
}

TEST_F(RoomText, EscapesNames) {
  const auto answer = read_average(object(replaced(kAverage, "kitchen", R"(\u001b[2Jx)")));
  ASSERT_TRUE(answer);
  const std::string text = average_text(*answer, true);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find(R"(\x1b[2Jx)"), std::string::npos);
}

}  // namespace
}  // namespace temperature::client
