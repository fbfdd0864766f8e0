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
  EXPECT_EQ(rejects.count(RejectKind::refused), limits::kRejectsKept + 1);
  const auto all = rejects.newest(RejectKind::refused, 10 * limits::kRejectsKept);
  ASSERT_EQ(all.size(), limits::kRejectsKept);
  EXPECT_EQ(all.front().detail, "number 1000");
  EXPECT_EQ(all.back().detail, "number 1");
  EXPECT_EQ(rejects.newest(RejectKind::refused, 2).size(), 2U);
  EXPECT_EQ(all.front().sender, "me");
  EXPECT_EQ(all.front().place, 7U);
  EXPECT_EQ(all.front().at, clock.at);
}

TEST(Rejects, shortens_what_was_sent) {
  const Log log(LogFormat::text);
  const HandClock clock;
  Rejects rejects(log, clock);
  rejects.add("/write", "me", 1, missing_room(0), std::string(limits::kRejectTextBytesMax + 1, 'x'));
  EXPECT_EQ(rejects.newest(RejectKind::refused, 1).front().text, std::string(limits::kRejectTextBytesMax, 'x'));
  rejects.add("/write", "me", 1, {ErrorCode::id_invalid, std::string(limits::kRejectDetailBytesMax + 1, 'y')}, "");
  EXPECT_EQ(rejects.newest(RejectKind::refused, 1).front().detail, std::string(limits::kRejectDetailBytesMax, 'y'));
}

TEST(Rejects, names_one_in_the_log_now_and_then) {
  const Log log(LogFormat::text);
  HandClock clock;
  Rejects rejects(log, clock);
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i) rejects.add("/write", "me", 1, missing_room(i), "a line");
  clock.at += limits::kRejectLogged;
  rejects.add("/write", "me", 1, missing_room(50), "a line");
  log.flush();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.contains("number 0") && said.contains("number 50") && said.contains("unnamed=49")) << said;
  EXPECT_FALSE(said.contains("number 1 ")) << said;
}

Rejects::Reject conflict(std::string sensor) {
  return {.kind = RejectKind::conflict,
          .door = "/write",
          .sender = "me",
          .place = 3,
          .code = kConflictCode,
          .detail = "20 is stored",
          .text = "a line",
          .names = {"b", "r", std::move(sensor), "temperature"},
          .contradicted = Rejects::Contradicted{timestamp_from_ms(5), 20, 21}};
}

TEST(Rejects, conflicts_push_no_refusal_out_and_are_named_apart) {
  const Log log(LogFormat::text);
  HandClock clock;
  Rejects rejects(log, clock);
  ::testing::internal::CaptureStderr();
  rejects.add("/write", "me", 1, missing_room(7), "a line");
  for (std::size_t i = 0; i < 2 * limits::kRejectsKept; ++i) rejects.add(conflict("s1"));
  log.flush();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.contains("number 7") && said.contains("20 is stored")) << said;
  ASSERT_EQ(rejects.newest(RejectKind::refused, 10).size(), 1U);
  ASSERT_EQ(rejects.newest(RejectKind::conflict, 5'000).size(), limits::kRejectsKept);
  const auto newest = rejects.newest(RejectKind::conflict, 1).front();
  EXPECT_EQ(newest.names.sensor, "s1");
  EXPECT_EQ(newest.at, clock.at);
  EXPECT_EQ(newest.contradicted->refused, 21);
  EXPECT_EQ(rejects.count(RejectKind::conflict), 2 * limits::kRejectsKept);
}

TEST(Rejects, counts_what_it_does_not_name) {
  const Log log(LogFormat::text);
  HandClock clock;
  Rejects rejects(log, clock);
  rejects.add(conflict("s1"));
  rejects.count(conflict("s1"), 9);
  EXPECT_EQ(rejects.count(RejectKind::conflict), 1U);
  const auto counts = rejects.counts();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0].count, 10U);
  EXPECT_EQ(counts[0].last, clock.at);
  EXPECT_EQ(rejects.conflicts_by_door().at("/write"), 10U);
}

}  // namespace
}  // namespace temperature::telemetry
