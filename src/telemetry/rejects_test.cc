#include "telemetry/rejects.h"

#include <gtest/gtest.h>

#include "base/reject_limits.h"
#include "base/time.h"

namespace temperature::telemetry {
namespace {

class HandClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return at; }
  Timestamp at = timestamp_from_ms(1'700'000'000'000);
};

Error missing_room(int i) {
  return {ErrorCode::room_missing, "number " + std::to_string(i)};
}

TEST(Rejects, keeps_the_newest_and_counts_all) {
  const Log log(LogFormat::text);
  const HandClock clock;
  Rejects rejects(log, clock);
  const int count = static_cast<int>(limits::kRejectsKept) + 1;
  for (int i = 0; i < count; ++i) rejects.add("/write", "me", 7, missing_room(i), "a line");
  EXPECT_EQ(rejects.count(), limits::kRejectsKept + 1);
  const auto all = rejects.newest(10 * limits::kRejectsKept);
  ASSERT_EQ(all.size(), limits::kRejectsKept);
  EXPECT_EQ(all.front().error.detail, "number 1000");
  EXPECT_EQ(all.back().error.detail, "number 1");
  EXPECT_EQ(rejects.newest(2).size(), 2U);
  EXPECT_EQ(all.front().sender, "me");
  EXPECT_EQ(all.front().place, 7U);
  EXPECT_EQ(all.front().at, clock.at);
}

TEST(Rejects, shortens_what_was_sent) {
  const Log log(LogFormat::text);
  const HandClock clock;
  Rejects rejects(log, clock);
  rejects.add("/write", "me", 1, missing_room(0), std::string(limits::kRejectTextBytesMax + 1, 'x'));
  EXPECT_EQ(rejects.newest(1).front().text, std::string(limits::kRejectTextBytesMax, 'x'));
  rejects.add("/write", "me", 1, {ErrorCode::id_invalid, std::string(limits::kRejectDetailBytesMax + 1, 'y')}, "");
  EXPECT_EQ(rejects.newest(1).front().error.detail, std::string(limits::kRejectDetailBytesMax, 'y'));
}

TEST(Rejects, names_one_in_the_log_now_and_then) {
  const Log log(LogFormat::text);
  HandClock clock;
  Rejects rejects(log, clock);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i) rejects.add("/write", "me", 1, missing_room(i), "a line");
  clock.at += limits::kRejectLogged;
  rejects.add("/write", "me", 1, missing_room(50), "a line");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.contains("number 0") && said.contains("number 50") && said.contains("unnamed=49")) << said;
  EXPECT_FALSE(said.contains("number 1 ")) << said;
}

}  // namespace
}  // namespace temperature::telemetry
