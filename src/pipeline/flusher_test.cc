#include "pipeline/flusher.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::seconds;

class FlusherOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, FlusherOnBoth, ::testing::Bool(), store_name);

// A backup copies the history and then the journal: what the one lacks must still be in the other.
TEST_P(FlusherOnBoth, releases_no_journal_while_somebody_holds_it) {
  WayUnderTest way(stores());
  way.start();
  const auto write = [&way](int number) {
    ASSERT_TRUE(way.write({degrees("hall", "a", kNoon + seconds(number), number)}));
    ASSERT_TRUE(way.pipeline().flush());
  };
  auto one = way.pipeline().hold_journal();
  auto other = way.pipeline().hold_journal();
  for (int i = 0; i < 5; ++i) write(i);
  EXPECT_EQ(way.stores().journal().status().released, Position());
  EXPECT_GE(way.stores().history().safe_position(), Position(5)) << "the history goes on";
  way.pipeline().settle();
  EXPECT_EQ(way.stores().journal().status().released, Position()) << "not when it is quiet either";
  one.reset();
  write(5);
  EXPECT_EQ(way.stores().journal().status().released, Position()) << "the other still holds it";
  other.reset();
  way.close();
  way.start();
  EXPECT_EQ(way.reads().average(hall_at(kNoon + seconds(10)))->count, 6U);
}

TEST(Flusher, releases_the_journal_when_nobody_holds_it_any_more) {
  WayUnderTest way(in_memory());
  way.start();
  auto hold = way.pipeline().hold_journal();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon, 20)}));
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon + seconds(1), 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  ASSERT_EQ(way.stores().journal().status().released, Position());
  hold.reset();
  ASSERT_TRUE(way.write({degrees("hall", "a", kNoon + seconds(2), 20)}));
  ASSERT_TRUE(way.pipeline().flush());
  EXPECT_GT(way.stores().journal().status().released, Position());
}

// What is said in the background, with a word before it when it is grave.
class Said {
 public:
  std::function<void(const std::string&, bool)> log() {
    return [this](const std::string& what, bool grave) { lines.push_back((grave ? "grave: " : "note: ") + what); };
  }
  std::vector<std::string> lines;
};

TEST(Flusher, says_once_that_it_fails_and_once_that_it_works_again) {
  Said said;
  PipelineOptions options;
  options.log = said.log();
  WayUnderTest way(in_memory(), options);
  way.start();
  for (int times = 0; times < 2; ++times) {
    said.lines.clear();
    ASSERT_TRUE(way.write({degrees("hall", "a", kNoon + seconds(times), 20)}));
    way.stores().history().fail_commits(3);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(way.pipeline().flush());
    ASSERT_EQ(said.lines.size(), 1U);
    EXPECT_TRUE(said.lines[0].starts_with("grave: readings cannot be written to the history")) << said.lines[0];
    EXPECT_TRUE(said.lines[0].contains("told to fail")) << said.lines[0];
    ASSERT_TRUE(way.pipeline().flush());
    ASSERT_TRUE(way.pipeline().flush());
    ASSERT_EQ(said.lines.size(), 2U);
    EXPECT_EQ(said.lines[1], "note: readings are written to the history again");
  }
}

}  // namespace
}  // namespace temperature::pipeline
