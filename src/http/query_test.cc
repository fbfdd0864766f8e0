#include "http/query.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "http/inflate.h"
#include "http/response_head.h"
#include "model/name_limits.h"

namespace temperature::http {
namespace {

using std::chrono::minutes;

constexpr Timestamp kNow = timestamp_from_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

TEST(Query, DecodesNamesAndValues) {
  const auto query = Query::parse("room=a+b%2Fc&sensor=%C3%A9&empty=&&flag");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query->find("room"), "a b/c");
  EXPECT_EQ(*query->find("sensor"), "é");
  EXPECT_EQ(*query->find("empty"), "");
  EXPECT_EQ(*query->find("flag"), "");
  EXPECT_EQ(query->find("absent"), nullptr);
}

TEST(Query, RefusesWhatIsMalformed) {
  for (const std::string_view text : {"a=%", "a=%4", "a=%zz", "a=1&a=2", "a=%ff"}) {
    const auto query = Query::parse(text);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().code, ErrorCode::parameter_invalid);
  }
}

TEST(Query, NamesTheUnknownParameter) {
  const auto known = Query::parse("room=x&rom=y")->allow_only({"room", "at"});
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().code, ErrorCode::parameter_unknown);
  EXPECT_NE(known.error().detail.find("\"rom\""), std::string::npos);
}

TEST(Query, BoundsNamesAtTheLimit) {
  const std::string longest(limits::kNameBytesMax, 'x');
  EXPECT_TRUE(Query::parse("room=" + longest)->required_name("room"));
  EXPECT_FALSE(Query::parse("room=" + longest + "x")->required_name("room"));
  const std::string longest_sensor(limits::kSensorNameBytesMax, 'x');
  EXPECT_TRUE(Query::parse("sensor=" + longest_sensor)->optional_name("sensor"));
  EXPECT_FALSE(Query::parse("sensor=" + longest_sensor + "x")->optional_name("sensor"));
  EXPECT_FALSE(Query::parse("room=")->required_name("room"));
  EXPECT_FALSE(Query::parse("room=a%0Ab")->required_name("room"));
  EXPECT_EQ(Query::parse("")->required_name("room").error().code, ErrorCode::parameter_missing);
}

constexpr std::array<std::string_view, 1> kRooms{"room"};

TEST(Query, TakesSeveralNamesWhereTheyMayStand) {
  const auto rooms = [](std::string_view text) { return Query::parse(text, kRooms)->required_names("room", 3); };
  EXPECT_EQ(*rooms("room=b&at=1&room=a"), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(rooms("room=a&room=b&room=c"));
  EXPECT_EQ(rooms("room=a&room=b&room=c&room=d").error().code, ErrorCode::parameter_invalid);
  EXPECT_EQ(rooms("room=a&room=a").error().code, ErrorCode::parameter_invalid);
  EXPECT_EQ(rooms("room=a&room=").error().code, ErrorCode::parameter_invalid);
  EXPECT_EQ(rooms("at=1").error().code, ErrorCode::parameter_missing);
  EXPECT_FALSE(Query::parse("room=a&at=1&at=2", kRooms));
}

TEST(Query, TakesListsRepeatedAndWithCommasBetween) {
  using Names = std::vector<std::string>;
  const auto rooms = [](std::string_view text) {
    return Query::parse(text, kRooms)->required_names("room", 3, [](const std::string& name) { return name == "d,e"; });
  };
  EXPECT_EQ(*rooms("room=b,a"), (Names{"b", "a"}));
  EXPECT_EQ(*rooms("room=b%2Ca"), (Names{"b", "a"}));
  EXPECT_EQ(*rooms("room=b,a&room=c"), (Names{"b", "a", "c"}));
  EXPECT_EQ(*rooms("room=d,e&room=c"), (Names{"d,e", "c"})) << "there is a room of that name";
  EXPECT_EQ(*rooms("room=c,d,e"), (Names{"c", "d", "e"}));
  for (const auto* text :
       {"room=a,", "room=,a", "room=a,,b", "room=,", "room=a,a", "room=a&room=b,a", "room=a,b,c,d"}) {
    EXPECT_EQ(rooms(text).error().code, ErrorCode::parameter_invalid) << text;
  }
  const auto words = [](std::string_view text) { return Query::parse(text, kRooms)->words("room"); };
  EXPECT_EQ(*words("room=b,a&room=b"), (Names{"b", "a", "b"}));
  EXPECT_EQ(*words(""), Names());
  for (const auto* text : {"room=", "room=a,", "room=,a", "room=a&room="}) EXPECT_FALSE(words(text)) << text;
}

TEST(Query, RefusesWhatIsEmpty) {
  EXPECT_EQ(Query::parse("room=x&at=")->allow_only({"room", "at"}).error().code, ErrorCode::parameter_invalid);
  EXPECT_EQ(Query::parse("room=x&at")->allow_only({"room", "at"}).error().code, ErrorCode::parameter_invalid);
  EXPECT_TRUE(Query::parse("room=x&&")->allow_only({"room", "at"}));
}

TEST(Query, BoundsDurationsMomentsAndCounts) {
  const auto window = [](std::string_view text) {
    return Query::parse(text)->duration_or("window", minutes(15), std::chrono::seconds(1), minutes(60)).has_value();
  };
  EXPECT_TRUE(window(""));
  EXPECT_TRUE(window("window=1s"));
  EXPECT_TRUE(window("window=60m"));
  EXPECT_FALSE(window("window=999ms"));
  EXPECT_FALSE(window("window=61m"));
  const auto moment = [](std::string_view text) { return Query::parse(text)->moment("at", kNow).has_value(); };
  EXPECT_TRUE(moment("at=946684800000"));
  EXPECT_FALSE(moment("at=946684799999"));
  EXPECT_TRUE(moment("at=2026-01-31T12:00:00%2B01:00"));
  EXPECT_FALSE(moment("at=tomorrow"));
  const auto count = [](std::string_view text) { return Query::parse(text)->count_or("limit", 10, 100).has_value(); };
  EXPECT_TRUE(count("limit=100"));
  for (const auto* text : {"limit=0", "limit=101", "limit=1x", "limit=-1", "limit=99999999999999999999"}) {
    EXPECT_FALSE(count(text)) << text;
  }
}

TEST(Query, ATimeIsTakenInEachOfItsForms) {
  const auto f = [](const std::string& value, std::int64_t want_ms) {
    const auto moment = Query::parse("at=" + value)->moment("at", kNow);
    ASSERT_TRUE(moment && *moment) << value;
    EXPECT_EQ(to_ms(**moment), want_ms) << value;
  };
  constexpr std::int64_t kNoon = 1'769'860'800'000;  // 2026-01-31T12:00:00Z
  f("1769860800000", kNoon);
  f("1769860800000000", kNoon);  // microseconds
  f("1769860800000999", kNoon);
  f("2026-01-31T12:00:00Z", kNoon);
  f("2026-01-31T12:00Z", kNoon);
  f("2026-01-31t12:00:00.000999z", kNoon);
  f("2026-01-31+12:00:00Z", kNoon);
  f("2026-01-31T13:00:00%2B01:00", kNoon);
  f("2026-01-31T13:00:00+01:00", kNoon);  // the plus arrives as a blank
  f("2026-01-31T13:00:00+0100", kNoon);
  f("2026-01-31T13:00:00+01", kNoon);
  f("2026-01-31+13:00:00.000+01:00", kNoon);
  f("2026-01-31T13:00+01:00", kNoon);
  f("2026-01-31T07:00:00-0500", kNoon);
  f("2026-01-31", kNoon - 12 * 3'600'000);
  f("now", to_ms(kNow));
  f("-1h", to_ms(kNow) - 3'600'000);
  f("now-90s", to_ms(kNow) - 90'000);
  f("-7d", to_ms(kNow) - 7 * 86'400'000);
}

TEST(Query, ARefusedTimeSaysWhatWasSentAndWhy) {
  const auto f = [](const std::string& value, std::string_view said) {
    const auto moment = Query::parse("at=" + value)->moment("at", kNow);
    ASSERT_FALSE(moment) << value;
    EXPECT_EQ(moment.error().code, ErrorCode::parameter_invalid);
    EXPECT_TRUE(moment.error().detail.contains(said)) << moment.error().detail;
  };
  f("2026-01-31T12:00:00", "\"2026-01-31T12:00:00\" has no offset from UTC");
  f("2026-01-31+12:00", "has no offset from UTC");
  f("12:00:00Z", "is a time of day without a date");
  f("2026-02-30", "no moment that exists in the calendar");
  f("2026-01-31T12:00:60Z", "second 60");
  f("1769860800", "\"1769860800\" is 1970-01-21T11:37:40.800Z: it looks like seconds");
  f("1769860800000000000", "it looks like nanoseconds");
  f("1970-01-01T00:00:07Z", "a clock that was never set begins in 1970");
  f("-3600", "must lie between");
  f("-1", "must lie between");
  for (const std::string value : {"tomorrow", "-", "now%2B1h", "nowish", "-1x", "1769860800.5", "-1.5h"}) {
    f(value, "at must be a time");
  }
}

TEST(Query, ATimeFromNowOnIsToldApart) {
  for (const char* text : {"from=now", "from=-1h", "from=now-1h"}) EXPECT_TRUE(Query::parse(text)->from_now("from"));
  for (const char* text : {"", "from=-1", "from=2026-01-31", "to=now"})
    EXPECT_FALSE(Query::parse(text)->from_now("from"));
}

TEST(Inflate, RefusesWhatIsNoGzip) {
  std::string out;
  EXPECT_EQ(inflate_gzip("plain", 100, out).error().code, ErrorCode::malformed_body);
  EXPECT_TRUE(inflate_gzip("", 100, out));
  EXPECT_EQ(out, "");
}

TEST(ResponseHead, WritesTheDateAsHttpWantsIt) {
  EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, section 5.6.7
}

TEST(ResponseHead, HasNoLengthWithoutABody) {
  std::string out;
  Response response;
  response.status = 204;
  append_head(out, response, {.content_length = std::nullopt, .chunked = false, .keep_alive = true, .date = "D"});
  EXPECT_TRUE(out.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(out.find("\r\nContent-Length:"), std::string::npos);
  EXPECT_EQ(out.find("\r\nContent-Type:"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace temperature::http
