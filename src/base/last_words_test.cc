#include "base/last_words.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cassert>
#include <csignal>
#include <cstdlib>
#include <string>

#include "base/check.h"

namespace temperature {
namespace {

std::string said(bool json, std::string_view message, std::string_view more = {}) {
  ::testing::internal::CaptureStderr();
  say_last_words_as_json(json);
  say_last_words(message, more);
  say_last_words_as_json(false);
  return ::testing::internal::GetCapturedStderr();
}

TEST(LastWords, are_a_line_of_the_log) {
  const std::string line = said(false, "no memory ", "at all");
  EXPECT_TRUE(line.ends_with("Z error no memory at all\n")) << line;
  EXPECT_EQ(line.find('T'), 10U) << line;
}

TEST(LastWords, are_an_object_in_json_whatever_they_hold) {
  std::string all;
  for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& message : {std::string("no memory"), all, std::string(10'000, '"')}) {
    const std::string line = said(true, message);
    EXPECT_LE(line.size(), limits::kLastWordsBytesMax);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    simdjson::dom::parser parser;
    simdjson::dom::element object;
    ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
    std::string_view level;
    ASSERT_EQ(object["level"].get_string().get(level), simdjson::SUCCESS);
    EXPECT_EQ(level, "error");
  }
}

// What every object has at its end is there whole, however long the line is; or not at all.
TEST(LastWords, have_the_members_of_all_lines) {
  const std::string members = R"(,"service.name":"s","dd.env":"e")";
  for (const std::string& message : {std::string("no memory"), std::string(10'000, 'x')}) {
    ::testing::internal::CaptureStderr();
    say_last_words_as_json(true, members);
    say_last_words(message);
    say_last_words_as_json(true, "," + std::string(limits::kLastWordsMembersMax, 'x'));
    say_last_words(message);
    say_last_words_as_json(false);
    const std::string lines = ::testing::internal::GetCapturedStderr();
    const std::string first = lines.substr(0, lines.find('\n') + 1);
    EXPECT_TRUE(first.ends_with("\"" + members + "}\n")) << first;
    EXPECT_LE(first.size(), limits::kLastWordsBytesMax);
    EXPECT_TRUE(lines.ends_with(message.substr(0, 9) == "no memory" ? "no memory\"}\n" : "x\"}\n")) << lines;
    EXPECT_TRUE(first.contains(R"(","timestamp":"2)")) << first;
  }
}

TEST(LastWordsDeathTest, tell_of_a_rule_that_does_not_hold) {
  EXPECT_EXIT(CHECK(1 + 1 == 3), ::testing::KilledBySignal(SIGABRT),
              R"(Z error CHECK failed: 1 \+ 1 == 3 \(.*last_words_test\.cc:[0-9]+\))");
  EXPECT_EXIT(__assert_fail("of a library", "", 1, ""), ::testing::KilledBySignal(SIGABRT),
              "Z error an assertion failed: of a library");
}

}  // namespace
}  // namespace temperature
