#include "client/pacing.h"

#include <gtest/gtest.h>

#include <sstream>

#include "client/bounds.h"
#include "client/http_client.h"
#include "client/progress.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::kNow;

constexpr Timestamp kLongAgo = timestamp_from_ms(1'500'000'000'000);

TEST(Pacing, keeps_the_distances_of_the_recording) {
  Pacing real_time(1, kNow);
  EXPECT_EQ(real_time.until_due(kLongAgo, kNow), seconds(0));
  EXPECT_EQ(real_time.until_due(kLongAgo + minutes(10), kNow), minutes(10));
  EXPECT_EQ(real_time.until_due(kLongAgo + minutes(10), kNow + minutes(4)), minutes(6));
  Pacing sixty(60, kNow);
  EXPECT_EQ(sixty.until_due(kLongAgo, kNow + seconds(1)), -seconds(1));
  EXPECT_EQ(sixty.until_due(kLongAgo + hours(1), kNow), minutes(1));
  Pacing half(0.5, kNow);
  half.until_due(kLongAgo, kNow);
  EXPECT_EQ(half.until_due(kLongAgo + minutes(1), kNow), minutes(2));
}

TEST(Pacing, does_not_wait_for_what_lies_before_the_first) {
  Pacing pacing(10, kNow);
  pacing.until_due(kLongAgo, kNow);
  EXPECT_LT(pacing.until_due(kLongAgo - hours(1), kNow), seconds(0));
}

TEST(Rebase, puts_the_last_reading_at_now_when_all_go_at_once) {
  EXPECT_EQ(kLongAgo + hours(5) + rebase_shift(kLongAgo, kLongAgo + hours(5), kNow, std::nullopt), kNow);
}

TEST(Rebase, at_real_time_sends_every_reading_at_its_own_time) {
  const Duration shift = rebase_shift(kLongAgo, kLongAgo + hours(5), kNow, 1.0);
  Pacing pacing(1, kNow);
  pacing.until_due(kLongAgo, kNow);
  for (const Duration into : {Duration(0), Duration(1), Duration(hours(2)), Duration(hours(5))}) {
    EXPECT_EQ(kLongAgo + into + shift, kNow + pacing.until_due(kLongAgo + into, kNow));
  }
}

TEST(Rebase, sends_no_reading_ahead_of_its_time_when_faster_than_real) {
  const Timestamp last = kLongAgo + hours(5);
  for (const double speed : {1.0, 2.0, 60.0, 3600.0}) {
    const Duration shift = rebase_shift(kLongAgo, last, kNow, speed);
    Pacing pacing(speed, kNow);
    pacing.until_due(kLongAgo, kNow);
    for (Duration into(0); into <= hours(5); into += minutes(30)) {
      EXPECT_LE(kLongAgo + into + shift, kNow + pacing.until_due(kLongAgo + into, kNow)) << speed;
    }
    EXPECT_EQ(last + shift, kNow + pacing.until_due(last, kNow)) << speed;
  }
}

TEST(Backoff, grows_to_its_bound_and_spreads) {
  EXPECT_EQ(backoff(1, 0), kBackoffFirst / 2);
  EXPECT_EQ(backoff(1, 1), kBackoffFirst);
  EXPECT_EQ(backoff(3, 1), 4 * kBackoffFirst);
  EXPECT_EQ(backoff(1000, 1), kBackoffMax);
  EXPECT_EQ(backoff(1000, 0), kBackoffMax / 2);
}

TEST(Progress, says_how_far_how_fast_and_how_long) {
  EXPECT_EQ(progress_text({1000, seconds(10), std::nullopt}), "1000 readings, 100 a second");
  EXPECT_EQ(progress_text({1000, seconds(10), 0.25}), "1000 readings, 100 a second, 25%, 0:30 left");
  EXPECT_EQ(progress_text({1000, seconds(100), 0.01}), "1000 readings, 10 a second, 1%, 2:45:00 left");
  EXPECT_EQ(progress_text({0, seconds(0), 0.0}), "0 readings, 0 a second, 0%");
  EXPECT_EQ(progress_text({1000, seconds(10), 1.0}), "1000 readings, 100 a second, 100%, 0:00 left");
}

TEST(Progress, rewrites_its_line_on_a_terminal_only) {
  const ProgressLine::Moment start{};
  std::ostringstream terminal;
  std::ostringstream log;
  {
    ProgressLine on_terminal(terminal, true, start);
    ProgressLine in_log(log, false, start);
    EXPECT_FALSE(on_terminal.due(start + std::chrono::milliseconds(199)));
    EXPECT_TRUE(on_terminal.due(start + std::chrono::milliseconds(200)));
    EXPECT_FALSE(in_log.due(start + std::chrono::milliseconds(4999)));
    EXPECT_TRUE(in_log.due(start + seconds(5)));
    for (ProgressLine* line : {&on_terminal, &in_log}) {
      line->show({10, seconds(5), std::nullopt}, start + seconds(5));
      EXPECT_FALSE(line->due(start + seconds(5)));
      line->show({20, seconds(10), std::nullopt}, start + seconds(10));
      line->clear();
    }
  }
  EXPECT_EQ(terminal.str(), "\r\x1b[K10 readings, 2 a second\r\x1b[K20 readings, 2 a second\r\x1b[K");
  EXPECT_EQ(log.str(), "10 readings, 2 a second\n20 readings, 2 a second\n");
}

}  // namespace
}  // namespace temperature::client
