#include <gtest/gtest.h>

#include "testing/moments.h"
#include "window/window.h"

// What a window keeps when readings lie ahead of the clock.
namespace temperature::window {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::kMidnight;

constexpr Slot kRight{0};
constexpr Slot kAhead{1};

// A sensor that is ten minutes ahead, as --max-ahead allows, would take half of everybody's twenty minutes away.
TEST(Window, keeps_a_span_behind_the_clock_though_a_sensor_is_ahead_of_it) {
  Window window;
  for (int i = 0; i < 3600; ++i) {
    window.add(kRight, {kMidnight + seconds(i), 20.0});
    window.add(kAhead, {kMidnight + minutes(10) + seconds(i), 20.0});
  }
  const Timestamp now = kMidnight + seconds(3599);
  std::vector<SlotSample> taken;
  window.take(taken);
  window.settle(true, minutes(20), now);
  EXPECT_GT(window.floor(), kMidnight);
  EXPECT_LE(window.floor(), now - minutes(20));
  EXPECT_EQ(window.last_at(now, kRight)->timestamp, now);
  EXPECT_EQ(window.last_at(now, kAhead)->timestamp, now);
}

// Somebody who sends a month of forecasts does not fill the memory with them.
TEST(Window, keeps_no_more_of_what_is_ahead_than_its_bound) {
  Window window;
  const auto ahead = static_cast<int>(2 * limits::kReadingsAheadKept);
  for (int i = 0; i < ahead; ++i) window.add(kRight, {kMidnight + seconds(i), 20.0});
  std::vector<SlotSample> taken;
  window.take(taken);
  window.settle(true, minutes(20), kMidnight);
  EXPECT_LT(window.count(), 10'000U);
  EXPECT_GT(window.floor(), kMidnight + seconds(ahead) - minutes(60));
}

}  // namespace
}  // namespace temperature::window
