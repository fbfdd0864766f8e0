#include "app/stop_guard.h"

#include <gtest/gtest.h>

#include <future>

namespace temperature::app {
namespace {

TEST(StopGuard, SaysThatItTookTooLong) {
  std::promise<void> said;
  const StopGuard guard(std::chrono::milliseconds(1), [&said] { said.set_value(); });
  said.get_future().wait();
}

TEST(StopGuard, SaysNothingInTime) {
  bool said = false;
  {
    const StopGuard guard(std::chrono::hours(1), [&said] { said = true; });
  }
  EXPECT_FALSE(said);
}

}  // namespace
}  // namespace temperature::app
