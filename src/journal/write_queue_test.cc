#include "journal/write_queue.h"

#include <gtest/gtest.h>

#include <thread>

#include "journal/group_wait.h"

namespace temperature::journal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kSmall = 50;
constexpr std::size_t kLarge = limits::kGroupWaitBytesMax;

class Batch final : public Submission {
 public:
  void finished(Result<Position>) override {}
};

using Taken = std::vector<Submission*>;

class WriteQueueTest : public ::testing::Test {
 protected:
  Taken take() {
    Taken taken;
    EXPECT_TRUE(queue.take(taken));
    return taken;
  }
  // A small and a large one are written, and that took so long.
  void write_both(nanoseconds took) {
    ASSERT_TRUE(queue.add(small, kSmall) && queue.add(large, kLarge));
    ASSERT_EQ(take(), (Taken{&small, &large}));
    queue.committed(took);
  }

  WriteQueue queue{1'000'000};
  Batch small;
  Batch large;
};

TEST_F(WriteQueueTest, gives_all_that_wait_the_small_ones_first) {
  Batch other;
  ASSERT_TRUE(queue.add(large, kLarge) && queue.add(small, kSmall) && queue.add(other, kSmall));
  EXPECT_EQ(queue.bytes(), kLarge + 2 * kSmall);
  EXPECT_EQ(take(), (Taken{&small, &other, &large}));
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST_F(WriteQueueTest, gives_only_small_ones_while_it_rests_from_large_ones) {
  write_both(hours(1));
  ASSERT_TRUE(queue.add(large, kLarge) && queue.add(small, kSmall));
  EXPECT_EQ(take(), Taken{&small});
  queue.committed(milliseconds(1));
  EXPECT_EQ(queue.bytes(), kLarge);
  ASSERT_TRUE(queue.add(small, kSmall));
  EXPECT_EQ(take(), Taken{&small});
}

TEST_F(WriteQueueTest, gives_large_ones_when_it_has_rested) {
  write_both(milliseconds(20));
  ASSERT_TRUE(queue.add(large, kLarge));
  EXPECT_EQ(take(), Taken{&large});
}

TEST_F(WriteQueueTest, gives_one_large_one_at_a_time_while_small_ones_come) {
  Batch other;
  ASSERT_TRUE(queue.add(large, kLarge) && queue.add(other, kLarge + 1) && queue.add(small, kSmall));
  EXPECT_EQ(take(), (Taken{&small, &large}));
  EXPECT_EQ(queue.bytes(), kLarge + 1);
  queue.committed(nanoseconds(1));
  EXPECT_EQ(take(), Taken{&other});
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST_F(WriteQueueTest, gives_all_large_ones_when_no_small_ones_come) {
  Batch other;
  ASSERT_TRUE(queue.add(large, kLarge) && queue.add(other, kLarge));
  EXPECT_EQ(take(), (Taken{&large, &other}));
}

TEST_F(WriteQueueTest, does_not_rest_when_no_small_ones_come) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(queue.add(large, kLarge));
    EXPECT_EQ(take(), Taken{&large});
    queue.committed(hours(1));
  }
}

TEST_F(WriteQueueTest, wakes_the_writer_for_a_large_one_that_comes_while_it_sleeps) {
  write_both(milliseconds(20));
  std::thread sender([this] {
    std::this_thread::sleep_for(milliseconds(5));
    EXPECT_TRUE(queue.add(large, kLarge));
  });
  EXPECT_EQ(take(), Taken{&large});
  sender.join();
}

TEST_F(WriteQueueTest, gives_what_is_left_when_it_is_closed_and_then_ends) {
  Batch other;
  write_both(hours(1));
  ASSERT_TRUE(queue.add(large, kLarge) && queue.add(other, kLarge));
  queue.close();
  EXPECT_EQ(take(), (Taken{&large, &other}));
  Taken none;
  EXPECT_FALSE(queue.take(none));
  const auto refused = queue.add(small, kSmall);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::shutting_down);
}

TEST_F(WriteQueueTest, refuses_what_is_too_much_unless_it_is_empty) {
  Batch other;
  ASSERT_TRUE(queue.add(large, 2'000'000));
  const auto refused = queue.add(small, kSmall);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  EXPECT_EQ(take(), Taken{&large});
  EXPECT_TRUE(queue.add(small, kSmall));
  EXPECT_TRUE(queue.add(other, 1'000'000 - kSmall));
  EXPECT_FALSE(queue.add(large, 1));
}

}  // namespace
}  // namespace temperature::journal
