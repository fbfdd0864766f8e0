#include "client/questions.h"

#include <gtest/gtest.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"

namespace temperature::client {
namespace {

constexpr Timestamp kAsked = timestamp_from_ms(1'800'000'000'000);

std::string room(const std::string& name, const std::string& quantity = "temperature") {
  return R"({"building":"main","room":")" + name + R"(","quantities":[{"quantity":")" + quantity +
         R"(","unit":"°C","sensors":1,"average":null,"count":0,"latest":null}]})";
}

std::string bucket(const std::string& hour) {
  return R"({"start":"2026-11-29T)" + hour + R"(:00:00.000Z","room":"kitchen","count":1,"mean":20,"min":20,"max":20})";
}

std::string history(const std::string& buckets, const std::string& next) {
  return R"({"building":"main","room":"kitchen","quantity":"temperature","unit":"°C","step":"1h",)"
         R"("from":"2026-11-29T00:00:00.000Z","to":"2026-11-29T03:00:00.000Z","buckets":[)" +
         buckets + R"(],"next":)" + next + "}";
}

TEST(Questions, RoomsGoOnOverPages) {
  StubService service([](const StubRequest& request) {
    const bool second = request.line.find("cursor=c%26") != std::string::npos;
    return StubAnswer{.body = second ? R"({"rooms":[)" + room("hall") + R"(],"next":null})"
                                     : R"({"rooms":[)" + room("kitchen", "co2") + R"(],"next":"c&"})"};
  });
  TestSurroundings here(kAsked);
  EXPECT_EQ(
      ask_rooms({.target = {.url = service.url(), .key = {}}, .building = "ma in", .quantity = ""}, here.surroundings),
      0);
  EXPECT_EQ(here.out.str(), room("kitchen", "co2") + "\n" + room("hall") + "\n");
  EXPECT_EQ(service.requests().front().line, "GET /v1/rooms?building=ma%20in&limit=500 HTTP/1.1");

  TestSurroundings person(kAsked);
  EXPECT_EQ(ask_rooms({.target = {.url = service.url(), .key = {}},
                       .for_a_person = true,
                       .building = "",
                       .quantity = "temperature"},
                      person.surroundings),
            0);
  EXPECT_EQ(person.out.str(),
            "BUILDING  ROOM  QUANTITY     AVERAGE  READINGS  SENSORS  LATEST  AGE\n"
            "main      hall  temperature        -         0        1       -    -\n"
            "-: no readings in the last 15 minutes\n");
}

TEST(Questions, HistoryGoesOnOverPages) {
  StubService service([](const StubRequest& request) {
    const bool second = request.line.find("cursor=c") != std::string::npos;
    return StubAnswer{.body = second ? history(bucket("01"), "null") : history(bucket("00"), R"("c")")};
  });
  HistoryQuestion question;
  question.target.url = service.url();
  question.rooms = {"kitchen"};
  question.step = "1h";
  TestSurroundings here(kAsked);
  EXPECT_EQ(ask_history(question, here.surroundings), 0);
  EXPECT_EQ(here.out.str(), bucket("00") + "\n" + bucket("01") + "\n");
  EXPECT_EQ(service.requests().front().line, "GET /v1/history?step=1h&limit=5000&room=kitchen HTTP/1.1");

  question.for_a_person = true;
  TestSurroundings person(kAsked);
  EXPECT_EQ(ask_history(question, person.surroundings), 0);
  EXPECT_EQ(person.out.str(),
            "temperature of kitchen in main, in steps of 1 hour\n"
            "FROM                      AVERAGE       MIN       MAX  READINGS\n"
            "2026-11-29 00:00:00 UTC  20.00 °C  20.00 °C  20.00 °C         1\n"
            "2026-11-29 01:00:00 UTC  20.00 °C  20.00 °C  20.00 °C         1\n");
}

TEST(Questions, WhatTheServiceRefusesEndsAsItShould) {
  const auto ask = [](int status, const std::string& code, const std::string& detail) {
    StubService service([&](const StubRequest&) {
      return StubAnswer{.status = status,
                        .body = R"({"code":")" + code + R"(","detail":")" + detail + R"("})",
                        .headers = "Content-Type: application/problem+json\r\n"};
    });
    AverageQuestion question;
    question.target.url = service.url();
    question.room = "nowhere";
    TestSurroundings here(kAsked);
    const int exit_code = ask_average(question, here.surroundings);
    EXPECT_EQ(here.out.str(), "");
    return std::to_string(exit_code) + " " + here.err.str();
  };
  EXPECT_EQ(ask(404, "room_unknown", "there is no room \\\"nowhere\\\""),
            "1 temperature-service: cannot tell the average: 404 there is no room \"nowhere\"\n");
  EXPECT_EQ(ask(400, "parameter_invalid", "at is no time"),
            "2 temperature-service: cannot tell the average: 400 at is no time\n");
  EXPECT_EQ(ask(400, "other", ""), "1 temperature-service: cannot tell the average: 400 no explanation\n");
}

}  // namespace
}  // namespace temperature::client
