#include "pipeline/known_time.h"

#include <gtest/gtest.h>

#include "base/timestamp_limits.h"
#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

TEST(KnownTime, says_how_the_clock_stands_to_what_was_known) {
  struct Case {
    Duration from_known;
    ClockState state;
  };
  for (const auto& [from_known, state] :
       {Case{Duration(0), ClockState::right}, Case{days(1), ClockState::right},
        Case{days(1) + kTick, ClockState::ahead}, Case{days(1'100), ClockState::ahead},
        Case{-minutes(5), ClockState::right}, Case{-minutes(5) - kTick, ClockState::behind},
        Case{-days(1'100), ClockState::behind}}) {
    FakeClock clock;
    KnownTime time(clock);
    time.begin(kNoon);
    clock.set(kNoon + from_known);
    EXPECT_EQ(time.look().state, state) << from_known.count();
    EXPECT_EQ(time.now(), state == ClockState::ahead ? kNoon : kNoon + from_known) << from_known.count();
    EXPECT_EQ(time.look().words().empty(), state == ClockState::right);
  }
}

TEST(KnownTime, a_clock_outside_of_2000_to_2100_is_not_set) {
  for (const Timestamp now : {limits::kTimestampFirst - kTick, timestamp_from_ms(0), limits::kTimestampLast,
                              timestamp_from_ms(-1'000'000'000'000)}) {
    FakeClock clock;
    clock.set(now);
    KnownTime time(clock);
    EXPECT_EQ(time.look().state, ClockState::not_set);
    time.begin(kNoon);
    EXPECT_EQ(time.learn().state, ClockState::not_set);
    EXPECT_LE(time.now(), kNoon);
    time.confirm();
    EXPECT_EQ(time.look().known, kNoon) << "nobody can confirm that";
    clock.set(kNoon + hours(1));
    EXPECT_EQ(time.learn().state, ClockState::right) << "it comes right by itself";
  }
}

TEST(KnownTime, learns_while_the_clock_is_right_alone) {
  FakeClock clock;
  KnownTime time(clock);
  EXPECT_EQ(time.learn().state, ClockState::right) << "a new folder knows nothing else";
  EXPECT_EQ(time.look().known, kNoon);
  for (int day = 0; day < 100; ++day) {
    clock.advance(hours(23));
    EXPECT_EQ(time.learn().state, ClockState::right);
  }
  const Timestamp known = time.look().known;
  clock.advance(days(3 * 365));
  for (int look = 0; look < 3; ++look) {
    clock.advance(minutes(1));
    EXPECT_EQ(time.learn().state, ClockState::ahead);
    EXPECT_EQ(time.now(), known);
  }
  clock.set(known + minutes(3));
  EXPECT_EQ(time.learn().state, ClockState::right) << "somebody has mended it";
  clock.advance(-hours(1));
  EXPECT_EQ(time.learn().state, ClockState::behind);
  EXPECT_EQ(time.look().known, known + minutes(3));
  clock.advance(hours(1));
  EXPECT_EQ(time.learn().state, ClockState::right);
}

class Confirmed : public ::testing::Test {
 protected:
  void SetUp() override {
    time.begin(kNoon - days(40));
    ASSERT_EQ(time.learn().state, ClockState::ahead);
    ASSERT_TRUE(time.asks());
  }
  FakeClock clock;
  KnownTime time{clock};
};

TEST_F(Confirmed, by_three_senders_whose_timestamps_agree_with_it) {
  time.vouch("a", kNoon);
  time.vouch("b", kNoon - minutes(5));
  EXPECT_EQ(time.learn().state, ClockState::ahead);
  time.vouch("c", kNoon + minutes(5));
  EXPECT_EQ(time.learn().state, ClockState::right);
  EXPECT_FALSE(time.asks());
  EXPECT_EQ(time.now(), kNoon);
  EXPECT_EQ(time.take_vouchers(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(time.take_vouchers().empty());
}

TEST_F(Confirmed, not_by_one_sender_again_and_again) {
  for (int again = 0; again < 100; ++again) time.vouch("a", kNoon);
  time.vouch("b", kNoon);
  time.vouch("a", kNoon);
  EXPECT_EQ(time.learn().state, ClockState::ahead);
}

TEST_F(Confirmed, not_by_timestamps_that_disagree) {
  for (const char* sender : {"a", "b", "c", "d"}) {
    time.vouch(sender, kNoon - minutes(5) - kTick);
    time.vouch(sender, kNoon + minutes(5) + kTick);
    time.vouch(sender, kNoon - days(40));
  }
  EXPECT_EQ(time.learn().state, ClockState::ahead);
}

TEST_F(Confirmed, not_by_what_was_said_of_another_time) {
  time.vouch("a", kNoon);
  time.vouch("b", kNoon);
  clock.advance(days(1'000));
  time.vouch("c", kNoon + days(1'000));
  EXPECT_EQ(time.learn().state, ClockState::ahead) << "two spoke of the clock as it was before it leapt";
}

TEST_F(Confirmed, by_whoever_starts_the_service) {
  time.confirm();
  EXPECT_EQ(time.learn().state, ClockState::right);
  EXPECT_EQ(time.now(), kNoon);
}

TEST_F(Confirmed, backwards_too) {
  time.begin(kNoon + days(1'000));
  ASSERT_EQ(time.learn().state, ClockState::behind);
  for (const char* sender : {"a", "b", "c"}) time.vouch(sender, kNoon);
  EXPECT_EQ(time.learn().state, ClockState::right);
  EXPECT_EQ(time.look().known, kNoon);
}

TEST(KnownTime, asks_nobody_while_the_clock_is_right) {
  FakeClock clock;
  KnownTime time(clock);
  time.begin(kNoon - hours(1));
  time.learn();
  EXPECT_FALSE(time.asks());
  for (const char* sender : {"a", "b", "c"}) time.vouch(sender, kNoon);
  EXPECT_TRUE(time.take_vouchers().empty());
}

}  // namespace
}  // namespace temperature::pipeline
