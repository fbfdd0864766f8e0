#include "client/sender.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "client/bounds.h"

namespace temperature::client {
namespace {

Batch batch_of(std::uint64_t first, std::size_t readings = 1) {
  Batch batch;
  for (std::size_t i = 0; i < readings; ++i) {
    batch.add({.building = {}, .room = "r", .sensor = "s", .quantity = {}, .unit = {}, .timestamp = {}, .value = 1},
              first + i);
  }
  return batch;
}

WriteAnswer all_accepted(const Batch& batch) {
  WriteAnswer answer;
  answer.accepted = batch.size();
  return answer;
}

TEST(Sender, keeps_the_order_on_one_connection) {
  std::vector<std::uint64_t> seen;
  Sender sender({[&seen](const Batch& batch) -> Result<WriteAnswer> {
    seen.push_back(batch.origin(0));
    return all_accepted(batch);
  }});
  std::vector<std::uint64_t> want;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    want.push_back(i);
    ASSERT_TRUE(sender.submit(batch_of(i, 3)));
  }
  ASSERT_TRUE(sender.finish("line"));
  EXPECT_EQ(seen, want);
  EXPECT_EQ(sender.summary().accepted(), 1500U);
}

TEST(Sender, sends_on_all_connections_at_once) {
  // No batch is answered before each connection has one.
  std::latch all_busy(4);
  std::vector<SendBatch> connections(4, [&all_busy](const Batch& batch) -> Result<WriteAnswer> {
    all_busy.arrive_and_wait();
    return all_accepted(batch);
  });
  Sender sender(std::move(connections));
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(sender.submit(batch_of(i)));
  ASSERT_TRUE(sender.finish("line"));
  EXPECT_EQ(sender.readings_done(), 4U);
}

TEST(Sender, stops_at_the_first_failure_and_names_what_may_be_missing) {
  std::atomic<int> calls{0};
  Sender sender({[&calls](const Batch& batch) -> Result<WriteAnswer> {
    if (++calls == 3) return failure(ErrorCode::startup, "the disk is full");
    return all_accepted(batch);
  }});
  std::uint64_t line = 2;
  while (sender.submit(batch_of(line, 10))) line += 10;
  const auto finished = sender.finish("line");
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().detail, "the disk is full; readings from line 22 on may be missing");
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(sender.summary().accepted(), 20U);
}

TEST(Summary, names_the_first_of_what_did_not_go_in_by_their_place_in_the_input) {
  Summary summary;
  WriteAnswer answer;
  answer.accepted = 1;
  answer.duplicates = 2;
  answer.conflicts = 1;
  answer.rejected = 30;
  answer.conflicting = {{1, "stored 1, refused 2"}};
  for (std::size_t i = 0; i < 30; ++i) answer.rejections.push_back({i, "too_old: n" + std::to_string(i)});
  summary.add(answer, batch_of(100, 34));
  summary.reject(7, "the value \"x\" is no finite number");
  EXPECT_EQ(summary.total(), 35U);
  const std::string text = summary.text("line", std::chrono::seconds(7));
  EXPECT_TRUE(
      text.starts_with("accepted 1\nduplicates 2\nconflicts 1\nrejected 31\n35 readings in 7.0 s, 5 a second\n"))
      << text;
  EXPECT_NE(text.find("conflicts:\n  line 101: stored 1, refused 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("rejected, 20 of 31:\n  line 7: the value \"x\" is no finite number\n  line 100: too_old: n0\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with("line 118: too_old: n18\n")) << text;
}

}  // namespace
}  // namespace temperature::client
