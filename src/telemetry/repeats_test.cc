#include "telemetry/repeats.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace temperature::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Repeats::Moment kStart{};

// The clock is the test's.
struct Told {
  Repeats repeats;
  Repeats::Moment now = kStart;
  std::vector<Repeats::Summary> due;
  std::uint64_t written = 0;

  bool say(const std::string& message, const std::string& code = "", LogLevel level = LogLevel::warning) {
    const bool taken = repeats.take(level, message, code, now, due);
    written += taken ? 1 : 0;
    return taken;
  }
  [[nodiscard]] std::uint64_t summed() const {
    std::uint64_t sum = 0;
    for (const Repeats::Summary& summary : due) sum += summary.count;
    return sum;
  }
};

TEST(Repeats, writes_the_first_and_counts_the_others) {
  Told told;
  EXPECT_TRUE(told.say("a request failed", "overloaded"));
  for (int i = 0; i < 9'999; ++i) {
    told.now = kStart + milliseconds(i);
    EXPECT_FALSE(told.say("a request failed", "overloaded"));
  }
  EXPECT_TRUE(told.due.empty());
  EXPECT_TRUE(told.repeats.take_due(kStart + seconds(59)).empty());
  const std::vector<Repeats::Summary> due = told.repeats.take_due(kStart + seconds(60));
  EXPECT_EQ(due,
            (std::vector<Repeats::Summary>{{LogLevel::warning, "a request failed", "overloaded", 9'999, seconds(60)}}));
  EXPECT_TRUE(told.repeats.take_due(kStart + seconds(61)).empty()) << "it is told once";
}

TEST(Repeats, keeps_apart_what_differs_in_level_message_or_code) {
  Told told;
  EXPECT_TRUE(told.say("m", "a"));
  EXPECT_TRUE(told.say("m", "b"));
  EXPECT_TRUE(told.say("n", "a"));
  EXPECT_TRUE(told.say("m", "a", LogLevel::error));
  EXPECT_FALSE(told.say("m", "a"));
  EXPECT_FALSE(told.say("m", "a", LogLevel::error));
  EXPECT_EQ(told.repeats.take_all(told.now).size(), 2U);
}

// Without anybody who asks for what is due: the next line of any kind brings it along, before itself.
TEST(Repeats, begins_anew_when_the_window_is_over) {
  Told told;
  told.say("m");
  told.say("m");
  told.now = kStart + seconds(60) - milliseconds(1);
  EXPECT_FALSE(told.say("m"));
  told.now = kStart + seconds(60);
  EXPECT_TRUE(told.say("m"));
  EXPECT_EQ(told.due, (std::vector<Repeats::Summary>{{LogLevel::warning, "m", "", 2, seconds(60)}}));
  told.now += seconds(59);
  EXPECT_FALSE(told.say("m"));
  EXPECT_EQ(told.repeats.take_all(told.now),
            (std::vector<Repeats::Summary>{{LogLevel::warning, "m", "", 1, seconds(59)}}));
}

TEST(Repeats, has_nothing_to_say_of_a_line_that_came_once) {
  Told told;
  told.say("m");
  EXPECT_TRUE(told.repeats.take_due(kStart + seconds(600)).empty());
  told.say("m");
  EXPECT_TRUE(told.repeats.take_all(kStart + seconds(601)).empty());
}

TEST(Repeats, rounds_a_window_that_a_stop_cuts_short_up_to_a_second) {
  Told told;
  told.say("m");
  told.say("m");
  EXPECT_EQ(told.repeats.take_all(kStart).front().seconds, seconds(1));
  EXPECT_TRUE(told.repeats.take_all(kStart).empty());
  EXPECT_TRUE(told.say("m"));
}

TEST(Repeats, counts_kinds_beyond_the_bound_together) {
  Told told;
  for (std::size_t i = 0; i < 3 * limits::kRepeatedLinesMax; ++i) told.say("m", std::to_string(i));
  // Those with a place of their own, and one that stands for all others.
  EXPECT_EQ(told.written, limits::kRepeatedLinesMax);
  const auto all = told.repeats.take_all(told.now);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().count + told.written, 3 * limits::kRepeatedLinesMax);
  EXPECT_EQ(all.front().code, "");
}

// Each line is written or counted, whatever comes when.
TEST(Repeats, loses_no_line) {
  Told told;
  std::uint64_t said = 0;
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    told.now += milliseconds(i * 7 % 31);
    told.say("m" + std::to_string(i % 3), std::to_string(i * i % 101));
    ++said;
    if (i % 1'000 == 0) {
      for (auto& summary : told.repeats.take_due(told.now)) told.due.push_back(summary);
    }
  }
  for (auto& summary : told.repeats.take_all(told.now)) told.due.push_back(summary);
  EXPECT_EQ(told.written + told.summed(), said);
  EXPECT_LT(told.written, said / 10);
}

}  // namespace
}  // namespace temperature::telemetry
