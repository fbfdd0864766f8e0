#include "journal/group_wait.h"

#include <gtest/gtest.h>

namespace temperature::journal {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(GroupWait, waits_for_nobody_but_the_first_batch) {
  const GroupWait wait;
  EXPECT_EQ(wait.batches(0), 0U);
  EXPECT_EQ(wait.at_most(), microseconds(0));
}

TEST(GroupWait, does_not_delay_a_sender_who_is_alone) {
  GroupWait wait;
  wait.committed(1, microseconds(200));
  EXPECT_EQ(wait.batches(0), 1U);
}

TEST(GroupWait, waits_for_most_of_those_who_were_answered_last_or_wait) {
  GroupWait wait;
  wait.committed(64, microseconds(200));
  EXPECT_EQ(wait.batches(0), 48U);
  wait.committed(48, microseconds(200));
  EXPECT_EQ(wait.batches(16), 48U);
}

TEST(GroupWait, waits_for_all_of_a_few) {
  GroupWait wait;
  wait.committed(3, microseconds(200));
  EXPECT_EQ(wait.batches(0), 3U);
  wait.committed(2, microseconds(200));
  EXPECT_EQ(wait.batches(1), 3U);
}

TEST(GroupWait, waits_three_times_as_long_as_the_last_commit_took_and_never_longer_than_the_bound) {
  GroupWait wait;
  wait.committed(64, microseconds(200));
  EXPECT_EQ(wait.at_most(), microseconds(600));
  wait.committed(64, milliseconds(10));
  EXPECT_EQ(wait.at_most(), limits::kGroupWaitMax);
}

TEST(GroupWait, holds_no_large_group_back) {
  EXPECT_FALSE(GroupWait::is_large(limits::kGroupWaitBytesMax - 1));
  EXPECT_TRUE(GroupWait::is_large(limits::kGroupWaitBytesMax));
}

}  // namespace
}  // namespace temperature::journal
