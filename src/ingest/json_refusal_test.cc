#include <gtest/gtest.h>

#include <string>

#include "ingest/json.h"
#include "ingest/json_test_bodies.h"
#include "ingest/json_tokens.h"
#include "model/batch_limits.h"

namespace temperature::ingest {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST(JsonRefusal, refuses_a_body_that_is_no_json) {
  for (const char* body : {"",
                           " ",
                           "\n",
                           "{",
                           "}",
                           "[",
                           "]",
                           ",",
                           ":",
                           "\"",
                           "[,]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{]",
                           "[}",
                           "[[]",
                           "{}{}",
                           "[]]",
                           "[] 1",
                           "{}x",
                           "{,}",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a" 1})",
                           R"({"a":1,})",
                           R"({"a":1 "b":2})",
                           R"({a:1})",
                           R"({1:1})",
                           R"({"a"::1})",
                           R"({"a":1,,"b":2})",
                           R"({'a':1})",
                           "nul",
                           "nulll",
                           "True",
                           "truefalse",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "[1]//",
                           "/**/[]",
                           "[\"a\"\"b\"]",
                           "[1\"a\"]",
                           "[\"a\"1]",
                           "[\"a\"b]",
                           "[01]",
                           "[+1]",
                           "[.5]",
                           "[1.]",
                           "[0x1]",
                           "[1e]",
                           "[-]",
                           "[\f]",
                           "[\x1a]",
                           "[1,\x1a]",
                           "\\\"a\"",
                           "[\"\\\"]",
                           R"(["\x"])",
                           R"(["\u12"])",
                           R"(["\ud800"])",
                           R"(["\udc00"])",
                           R"(["\ud800\u0041"])"}) {
    expect(body, "error malformed_json");
  }
  expect(std::string("[1\0]", 4), "error malformed_json");
  expect(std::string("[]\0", 3), "error malformed_json");
  expect(std::string("[\"\0\"]", 5), "error malformed_json");
}

TEST(JsonRefusal, refuses_a_body_for_one_broken_reading) {
  const std::string good = with("");
  for (const std::string& bad : {with_value("01"),
                                 with_value("-"),
                                 with_value("1 2"),
                                 with_value(""),
                                 with_value("nul"),
                                 with_room("\"a\tb\""),
                                 with_room("\"a\nb\""),
                                 with_room("\"a\x1f\""),
                                 with_room("\"a"),
                                 with_room("\"\xff\""),
                                 with_room("\"\xc0\x80\""),
                                 with_room("\"\xed\xa0\x80\""),
                                 with_room("\"\xf4\x90\x80\x80\""),
                                 with_room("\"\xe2\x82\""),
                                 with_room(R"("\ud83d")"),
                                 with_room(R"("\q")"),
                                 with(R"("timestamp":1x)"),
                                 with(R"("timestamp":"\q")"),
                                 with(R"("x":[1,])"),
                                 with(R"("x":{"y":tru})"),
                                 with(R"("x":"\q")"),
                                 with(R"("\q":1)"),
                                 with(R"("x":{"\q":1})"),
                                 std::string("{\"room\":\"r\""),
                                 std::string("x")}) {
    expect("[" + good + "," + bad + "," + good + "]", "error malformed_json");
    expect("[{}," + bad + "]", "error malformed_json");
  }
}

TEST(JsonRefusal, nesting_is_bounded) {
  constexpr int kMax = limits::kJsonDepthMax;
  expect(nested(kMax), "field_type");
  expect(nested(kMax + 1), "error malformed_json");
  expect(nested(1'000'000), "error malformed_json");
  expect(std::string(1'000'000, '['), "error malformed_json");
  expect(with("\"x\":" + nested(kMax - 1)), "/r/s//@=1.");
  expect(with("\"x\":" + nested(kMax)), "error malformed_json");
  expect("[" + with("\"x\":" + nested(kMax - 2)) + "]", "/r/s//@=1.");
  expect("[" + with("\"x\":" + nested(kMax - 1)) + "]", "error malformed_json");
  expect(with_room(nested(kMax - 1)), "field_type");
  expect(with_room(nested(kMax)), "error malformed_json");
  std::string objects = "1";
  for (int i = 1; i < kMax; ++i) objects = R"({"x":)" + objects + "}";
  expect(with("\"x\":" + objects), "/r/s//@=1.");
  expect(with("\"x\":{\"x\":" + objects + "}"), "error malformed_json");
}

TEST(JsonRefusal, readings_of_a_body_are_bounded) {
  std::string body = "[1";
  for (std::size_t i = 1; i < limits::kReadingsPerBatchMax; ++i) body += ",1";
  std::string at_the_bound = body + "]";
  std::string over_the_bound = body + ",1]";
  Parsed parsed;
  ASSERT_TRUE(used_parser().parse(at_the_bound, parsed));
  EXPECT_EQ(parsed.rejected_count, limits::kReadingsPerBatchMax);
  ASSERT_EQ(parsed.rejected.size(), limits::kDetailsListedMax);
  EXPECT_EQ(parsed.rejected.back().index, limits::kDetailsListedMax - 1);
  const auto refused = used_parser().parse(over_the_bound, parsed);
  EXPECT_EQ(outcome_of(refused, parsed), "error too_many_readings");
}

TEST(JsonRefusal, errors_name_the_field_or_the_byte) {
  const auto f = [](std::string body, std::string_view want) {
    Parsed parsed;
    const auto read = used_parser().parse(body, parsed);
    ASSERT_TRUE(!read || parsed.rejected.size() == 1) << want;
    EXPECT_EQ(read ? parsed.rejected[0].error.detail : read.error().detail, want);
  };
  f(with_value("\"warm\""), R"(field "value" must be a number, not "warm")");
  f(with_value("[21]"), R"(field "value" must be a number, not an array)");
  f(with_room("12"), R"(field "room" must be a string, not a number)");
  f(with_room("null"), R"(field "room" is missing)");
  f(with(R"("unit":"C","unit":"C")"), R"(field "unit" stands twice)");
  f(with_value("1e400"), R"(field "value" is too large for a double: 1e400)");
  f(with(R"("timestamp":1.5)"),
    R"(field "timestamp" must be whole milliseconds since 1970 or an RFC 3339 string, not 1.5)");
  f(with(R"("timestamp":1700000000.5)"),
    R"(field "timestamp" must be whole milliseconds since 1970 or an RFC 3339 string, not 1700000000.5)"
    " (it looks like seconds)");
  f(with(R"("timestamp":"yesterday")"),
    R"(field "timestamp" is no moment that exists, in RFC 3339 or milliseconds since 1970: yesterday)");
  f("[[]]", "a reading must be an object, not an array");
  f("", "there is no JSON in it");
  f("[1,]", "at byte 3: a value is expected");
  f("[1", "at byte 2: a comma or the array's end is expected");
  f("[1,", "at byte 3: a value is expected where the text ends");
  f("{} {}", "at byte 3: nothing may follow here");
  f(R"({"room" "r"})", "at byte 8: a colon is expected");
  f(R"({"room":"r)", "at byte 8: this string does not end");
  f("[\"\xc3\xa4\xff\"]", "at byte 4: this is not valid UTF-8");
  f("[\"\\\\\",\"a\tb\"]", "at byte 8: control characters in a string must be escaped");
  f(R"(["a\"b", "\ud800"])", "at byte 9: this string has an escape that JSON does not know, or half a surrogate pair");
}

TEST(JsonRefusal, a_quoted_timestamp_is_cut_between_two_characters) {
  std::string body = with(R"("timestamp":"x)" + std::string(100, '?') + "\"");
  for (std::size_t at = body.find('?'); at != std::string::npos; at = body.find('?')) body.replace(at, 1, "ü");
  Parsed parsed;
  ASSERT_TRUE(used_parser().parse(body, parsed));
  ASSERT_EQ(parsed.rejected.size(), 1U);
  const std::string& detail = parsed.rejected[0].error.detail;
  EXPECT_EQ(detail.substr(detail.size() - 4), "üü");
  EXPECT_EQ(detail.size() - detail.rfind(": ") - 2, 63U);  // "x" and 31 characters of two bytes
}

}  // namespace
}  // namespace temperature::ingest
