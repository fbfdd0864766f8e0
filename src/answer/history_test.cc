#include "answer/history.h"

#include <gtest/gtest.h>

#include <chrono>

#include "answer/answer.h"
#include "answer/render.h"

namespace temperature::answer {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);  // 2023-11-14T22:13:20Z

TEST(HistoryStep, is_round_and_gives_few_buckets) {
  EXPECT_EQ(step_for(days(1)), minutes(5));
  EXPECT_EQ(step_for(hours(1)), seconds(15));
  EXPECT_EQ(step_for(days(365)), days(2));
  EXPECT_EQ(step_for(Duration(0)), Duration(1));
  EXPECT_EQ(step_for(Duration(300)), Duration(1));
  EXPECT_EQ(step_for(Duration(301)), Duration(10));
  EXPECT_LE(limits::kWindowMax / step_for(limits::kWindowMax), 300);
}

HistoryCursor cursor() {
  return {.from = kNoon, .to = kNoon + days(1), .step = minutes(5), .bucket = 17, .room = 2, .filled = {}};
}

TEST(HistoryCursor, says_where_and_in_which_question) {
  EXPECT_EQ(cursor().encode(), "1700000000000.1700086400000.300000.17.2");
  HistoryCursor filled = cursor();
  filled.filled = {17, 0, 16};
  for (const HistoryCursor& each : {cursor(), filled}) {
    const auto again = HistoryCursor::decode(each.encode());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->encode(), each.encode());
    EXPECT_EQ(again->filled, each.filled);
    EXPECT_EQ(again->step, minutes(5));
  }
}

TEST(HistoryCursor, that_is_none_is_refused) {
  const std::string good = cursor().encode();
  for (const std::string& text :
       {std::string(), std::string("x"), good + ".", good + ".x", good + ".-1", good.substr(0, good.size() - 2),
        "." + good, std::string("1700000000000.1600000000000.300000.17.2"),  // ends before it begins
        std::string("1700000000000.1700086400000.0.17.2"), std::string("1.1700086400000.300000.17.2"),
        std::string("1700000000000.9999999999999.300000.17.2"), std::string("99999999999999999999.1.1.1.1")}) {
    EXPECT_FALSE(HistoryCursor::decode(text)) << text;
  }
  std::string long_one = good;
  for (std::size_t i = 0; i < limits::kHistoryRoomsMax; ++i) long_one += ".1";
  EXPECT_TRUE(HistoryCursor::decode(long_one));
  EXPECT_FALSE(HistoryCursor::decode(long_one + ".1"));
}

HistoryQuery of_two_rooms() {
  return {.building = "main",
          .rooms = {"hall", "the \"attic\""},
          .sensor = std::nullopt,
          .quantity = "temperature",
          .from = kNoon,
          .to = kNoon + seconds(90),
          .step = minutes(1),
          .aggregates = {Aggregate::stddev, Aggregate::count, Aggregate::mean, Aggregate::mean}};
}

HistoryPage two_buckets() {
  return {.unit = "°C",
          .buckets = {{kNoon, kNoon + minutes(1), 0, 2, BucketValues{.mean = 20.5, .stddev = 0.5}},
                      {kNoon + minutes(1), kNoon + seconds(90), 1, 0, std::nullopt}},
          .next = std::nullopt};
}

TEST(RenderHistory, tells_the_question_and_its_buckets) {
  std::string out;
  render_json(out, of_two_rooms(), two_buckets());
  EXPECT_EQ(out, R"({"building":"main","rooms":["hall","the \"attic\""],"quantity":"temperature","unit":"°C",)"
                 R"("step":"1m","from":"2023-11-14T22:13:20.000Z","to":"2023-11-14T22:14:50.000Z","buckets":[)"
                 R"({"start":"2023-11-14T22:13:20.000Z","end":"2023-11-14T22:14:20.000Z","room":"hall","count":2,)"
                 R"("stddev":0.5,"mean":20.5},{"start":"2023-11-14T22:14:20.000Z","end":"2023-11-14T22:14:50.000Z",)"
                 R"("room":"the \"attic\"","count":0,"stddev":null,"mean":null}],"next":null})");
  HistoryQuery one = of_two_rooms();
  one.rooms.resize(1);
  one.sensor = "s1";
  HistoryPage empty;
  empty.next = cursor();
  out.clear();
  render_json(out, one, empty);
  EXPECT_EQ(out, R"({"building":"main","room":"hall","sensor":"s1","quantity":"temperature","unit":null,"step":"1m",)"
                 R"("from":"2023-11-14T22:13:20.000Z","to":"2023-11-14T22:14:50.000Z","buckets":[],)"
                 R"("next":"1700000000000.1700086400000.300000.17.2"})");
}

TEST(RenderHistory, is_csv_too) {
  std::string out;
  render_csv_header(out, of_two_rooms());
  render_csv(out, of_two_rooms(), two_buckets());
  EXPECT_EQ(out,
            "start,end,building,room,quantity,count,stddev,mean\r\n"
            "2023-11-14T22:13:20.000Z,2023-11-14T22:14:20.000Z,main,hall,temperature,2,0.5,20.5\r\n"
            "2023-11-14T22:14:20.000Z,2023-11-14T22:14:50.000Z,main,\"the \"\"attic\"\"\",temperature,0,,\r\n");
}

}  // namespace
}  // namespace temperature::answer
