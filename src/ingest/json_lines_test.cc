#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/json.h"
#include "ingest/json_tokens.h"
#include "model/batch_limits.h"

namespace temperature::ingest {
namespace {

std::string reading(const std::string& room) {
  return R"({"room":")" + room + R"(","sensor":"s","value":1})";
}

// Every line of a body in order: the room of the reading, or the code it is rejected with in brackets.
std::string rooms_of(std::string body) {
  static JsonParser parser;
  Parsed parsed;
  const auto read = parser.parse_lines(body, parsed);
  if (!read) return "error " + std::string(traits(read.error().code).code);
  EXPECT_EQ(parsed.rejected.size(), parsed.rejected_count);
  std::vector<std::string> outcomes(parsed.readings.size() + parsed.rejected.size());
  for (const auto& raw : parsed.readings) outcomes.at(raw.index) += raw.room;
  for (const auto& rejected : parsed.rejected) {
    outcomes.at(rejected.index).append("[").append(traits(rejected.error.code).code).append("]");
  }
  std::string text;
  for (const auto& outcome : outcomes) text.append(text.empty() ? "" : " ").append(outcome);
  return text;
}

TEST(JsonLines, reads_an_object_a_line) {
  const std::string a = reading("a");
  const std::string b = reading("b");
  EXPECT_EQ(rooms_of(a), "a");
  EXPECT_EQ(rooms_of(a + "\n"), "a");
  EXPECT_EQ(rooms_of(a + "\n" + b), "a b");
  EXPECT_EQ(rooms_of(a + "\n" + b + "\n"), "a b");
  EXPECT_EQ(rooms_of(a + "\r\n" + b + "\r\n"), "a b");
  EXPECT_EQ(rooms_of(" " + a + " \n\t" + b + "\t"), "a b");
  EXPECT_EQ(rooms_of(R"({"room":"\u0061","sensor":"s","value":1})"
                     "\n" +
                     b),
            "a b");
}

TEST(JsonLines, passes_over_blank_lines) {
  const std::string a = reading("a");
  const std::string b = reading("b");
  EXPECT_EQ(rooms_of(""), "");
  EXPECT_EQ(rooms_of("\n"), "");
  EXPECT_EQ(rooms_of(" \r\n\t\n\r\n"), "");
  EXPECT_EQ(rooms_of("\n\n" + a + "\n \n\r\n" + b + "\n\n"), "a b");
  EXPECT_EQ(rooms_of("\n\nx\n \n\r\n\"\n" + b + "\n\n"), "[malformed_json] [malformed_json] b");
}

TEST(JsonLines, a_broken_line_harms_no_other_line) {
  for (const std::string broken : {"{",
                                   "}",
                                   "[",
                                   "\"",
                                   "\\",
                                   "\\\"",
                                   "{\"room\":",
                                   "{\"room\":\"a",
                                   "{\"room\":\"a\\",
                                   "x",
                                   "nul",
                                   ",",
                                   "\xff",
                                   "\xc3",
                                   "\"\x01\"",
                                   "\x1a",
                                   "{\"room\":\"a\",\"sensor\":\"s\",\"value\":1",
                                   "\"\\ud800\"",
                                   "[1,",
                                   "[1]]",
                                   "{}{}",
                                   "{} {\"room\":\"x\",\"sensor\":\"s\",\"value\":1}",
                                   "1 2"}) {
    EXPECT_EQ(rooms_of(broken), "[malformed_json]") << broken;
    EXPECT_EQ(rooms_of(reading("a") + "\n" + broken + "\n" + reading("b") + "\n" + reading("c")),
              "a [malformed_json] b c")
        << broken;
    EXPECT_EQ(rooms_of(reading("a") + "\n" + broken + "\r\n\r\n" + broken), "a [malformed_json] [malformed_json]")
        << broken;
    EXPECT_EQ(rooms_of(broken + "\n" + reading("a") + broken + "\n" + reading("b")),
              "[malformed_json] [malformed_json] b")
        << broken;
  }
}

TEST(JsonLines, an_object_ends_with_its_line) {
  EXPECT_EQ(rooms_of("{\"room\":\"a\",\n\"sensor\":\"s\",\"value\":1}"), "[malformed_json] [malformed_json]");
  EXPECT_EQ(rooms_of("{\"room\":\n" + reading("b")), "[malformed_json] b");
  EXPECT_EQ(rooms_of("{\"room\"\n:\"a\"}"), "[malformed_json] [malformed_json]");
  EXPECT_EQ(rooms_of("[\n]"), "[malformed_json] [malformed_json]");
  EXPECT_EQ(rooms_of("1\n2"), "[field_type] [field_type]");
}

// Line one would like to go on in line two, whose escapes mean something else once they are replaced.
TEST(JsonLines, escapes_are_replaced_in_their_own_line_only) {
  EXPECT_EQ(rooms_of("{\"room\":\n\"a\\\\u12\""), "[malformed_json] [field_type]");
}

TEST(JsonLines, a_line_that_is_no_reading_is_rejected) {
  EXPECT_EQ(rooms_of("{}\n[" + reading("a") + "]\n1\n\"a\"\nnull\n" + reading("b")),
            "[field_missing] [field_type] [field_type] [field_type] [field_type] b");
}

TEST(JsonLines, nesting_is_bounded) {
  const auto nested = [](int depth) {
    const auto brackets = static_cast<std::size_t>(depth);
    return R"({"room":"a","sensor":"s","value":1,"x":)" + std::string(brackets, '[') + std::string(brackets, ']') + "}";
  };
  EXPECT_EQ(rooms_of(nested(limits::kJsonDepthMax - 1) + "\n" + nested(limits::kJsonDepthMax) + "\n" + reading("b")),
            "a [malformed_json] b");
}

TEST(JsonLines, readings_of_a_body_are_bounded) {
  // With a line that is broken in itself, and with one that hides where the next begins.
  for (const std::string last : {"x", "\""}) {
    std::string body;
    for (std::size_t i = 1; i < limits::kReadingsPerBatchMax; ++i) body += "1\n";
    std::string at_the_bound = body + last;
    JsonParser parser;
    Parsed parsed;
    ASSERT_TRUE(parser.parse_lines(at_the_bound, parsed));
    EXPECT_EQ(parsed.rejected_count, limits::kReadingsPerBatchMax);
    EXPECT_EQ(parsed.rejected.size(), limits::kDetailsListedMax);
    EXPECT_EQ(rooms_of(body + last + "\n \n" + last), "error too_many_readings");
  }
}

TEST(JsonLines, errors_count_bytes_from_the_line) {
  const auto f = [](std::string body, std::string_view want) {
    JsonParser parser;
    Parsed parsed;
    ASSERT_TRUE(parser.parse_lines(body, parsed));
    ASSERT_EQ(parsed.rejected.size(), 1U);
    EXPECT_EQ(parsed.rejected[0].error.detail, want);
  };
  f(reading("a") + "\n  {} x\n", "at byte 5: nothing may follow here");
  f(reading("a") + "\n  {\n" + reading("b"), "at byte 3: a field's name is expected");
  f(reading("a") + "\n  \"a\xff\"\n", "at byte 4: this is not valid UTF-8");
  f(reading("a") + "\n  [\"a\n" + reading("b"), "at byte 3: this string does not end");
}

}  // namespace
}  // namespace temperature::ingest
