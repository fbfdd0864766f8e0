#include "doors/line_conflicts.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::doors {
namespace {

std::string unused_tags(std::string_view body, std::uint32_t number, const mapping::LineRules& rules) {
  const mapping::DeviceMap none;
  return LineConflicts(body, rules, none, {}).unused_tags(number);
}

// Rules under which `chip` and `feature` have no part in a sensor's name.
mapping::LineRules by_host() {
  mapping::LineRules rules;
  rules.reading_rules = ReadingRules::former;
  rules.sensor_tags = {"host"};
  return rules;
}

TEST(LineConflicts, finds_a_line_by_its_number) {
  const mapping::LineRules rules;
  const mapping::DeviceMap none;
  LineConflicts lines("one\r\ntwo\n\nfour", rules, none, {});
  EXPECT_EQ(lines.line(3), "four");
  EXPECT_EQ(lines.line(0), "one");
  EXPECT_EQ(lines.line(1), "two");
  EXPECT_EQ(lines.line(2), "");
  EXPECT_EQ(lines.line(4), "");
}

// A body of 18 MB whose last lines are bad was gone through anew for each of them, or kept as a list of its lines.
TEST(LineConflicts, goes_through_a_large_body_once) {
  std::string body;
  constexpr std::uint32_t kLines = 100'000;
  for (std::uint32_t i = 0; i < kLines; ++i) body += "line " + std::to_string(i) + "\n";
  const mapping::LineRules rules;
  const mapping::DeviceMap none;
  LineConflicts lines(body, rules, none, {});
  for (std::uint32_t i = kLines - 100; i < kLines; ++i) EXPECT_EQ(lines.line(i), "line " + std::to_string(i));
  for (const std::uint32_t i : {0U, 255U, 256U, 257U, 511U, 512U, 50'000U}) {
    EXPECT_EQ(lines.line(i), "line " + std::to_string(i)) << "whatever was asked for before";
  }
  EXPECT_EQ(lines.line(kLines), "");
  constexpr std::size_t kFromMark = limits::kLinesBetweenMarks * sizeof("line 12345");
  EXPECT_LE(lines.bytes_passed(), body.size() + 110 * kFromMark);
}

TEST(LineConflicts, names_the_tags_that_differ) {
  constexpr std::string_view kBody =
      "temp,host=pi,room=r,chip=a,feature=x value=1 5\n"
      "temp,host=pi,room=r,chip=a,feature=y value=2 5\n"
      "temp,host=pi,room=r,chip=b,feature=y value=3 5\n";
  EXPECT_EQ(unused_tags(kBody, 1, by_host()),
            R"(; feature="y" differ from those of line 1 and have no part in the sensor's name)");
  EXPECT_EQ(unused_tags(kBody, 2, by_host()),
            R"(; chip="b" differ from those of line 2 and have no part in the sensor's name)");
}

TEST(LineConflicts, names_all_of_them_when_the_other_line_is_not_at_hand) {
  const std::string all = R"(; the line's tags chip="b", feature="y" have no part in the sensor's name)";
  for (const std::string_view before :
       {"", "temp,host=pi,room=r,chip=a value=1 4\n", "temp,host=other,room=r value=1 5\n",
        "other,host=pi,room=r value=1 5\n", "temp,host=pi,room=q value=1 5\n",
        "temp,host=pi,room=r,chip=b,feature=y value=1 5\n", "temp value=\n"}) {
    const auto number = static_cast<std::uint32_t>(before.empty() ? 0 : 1);
    const std::string body = std::string(before) + "temp,host=pi,room=r,chip=b,feature=y value=3 5\n";
    EXPECT_EQ(unused_tags(body, number, by_host()), all) << before;
  }
}

TEST(LineConflicts, says_nothing_when_every_tag_is_used) {
  EXPECT_EQ(unused_tags("temp,host=pi,room=r value=1 5\n", 0, by_host()), "");
  EXPECT_EQ(unused_tags("no line", 0, by_host()), "");
  EXPECT_EQ(unused_tags("", 0, by_host()), "");
}

TEST(LineConflicts, looks_back_so_far_and_no_farther) {
  const auto body = [](std::size_t between) {
    std::string text = "temp,host=pi,room=r,chip=a value=1 5\n";
    for (std::size_t i = 0; i < between; ++i) text += "x value=1\n";
    return text + "temp,host=pi,room=r,chip=b value=2 5\n";
  };
  const auto last = static_cast<std::uint32_t>(limits::kLinesLookedBack);
  EXPECT_TRUE(unused_tags(body(last - 1), last, by_host()).contains("of line 1 "));
  EXPECT_FALSE(unused_tags(body(last), last + 1, by_host()).contains("of line"));
}

}  // namespace
}  // namespace temperature::doors
