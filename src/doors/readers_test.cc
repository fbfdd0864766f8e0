#include "doors/readers.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace temperature::doors {
namespace {

// A question that is answered when told to.
struct Slow {
  std::promise<void> begun;
  std::promise<void> may_end;

  void answer() {
    begun.set_value();
    may_end.get_future().wait();
  }
};

TEST(Readers, answer_every_question_in_order) {
  Readers readers(1);
  std::vector<int> answered;
  std::promise<void> all;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(readers.ask([&, i] {
      answered.push_back(i);
      if (i == 99) all.set_value();
    }));
  }
  all.get_future().wait();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answered[static_cast<std::size_t>(i)], i);
}

TEST(Readers, refuse_when_too_many_wait) {
  std::atomic<std::size_t> answered{0};  // the last question may be answered while the readers end
  Readers readers(1);
  Slow slow;
  ASSERT_TRUE(readers.ask([&] { slow.answer(); }));
  slow.begun.get_future().wait();
  for (std::size_t i = 0; i < limits::kReadersQueueMax; ++i) ASSERT_TRUE(readers.ask([&] { ++answered; }));
  EXPECT_EQ(readers.waiting(), limits::kReadersQueueMax);
  EXPECT_FALSE(readers.ask([&] { ++answered; }));
  EXPECT_EQ(readers.refused(), 1U);
  std::promise<void> last;
  readers.go_on([&] { last.set_value(); });  // what has begun goes on
  slow.may_end.set_value();
  last.get_future().wait();
  EXPECT_EQ(answered.load(), limits::kReadersQueueMax);
  EXPECT_TRUE(readers.ask([&] { ++answered; }));
}

TEST(Readers, stop_after_the_question_under_way_and_drop_those_that_wait) {
  Readers readers(1);
  Slow slow;
  ASSERT_TRUE(readers.ask([&] { slow.answer(); }));
  slow.begun.get_future().wait();
  const auto held = std::make_shared<int>(0);
  ASSERT_TRUE(readers.ask([held] { ++*held; }));
  slow.may_end.set_value();
  readers.stop();
  EXPECT_EQ(held.use_count(), 1) << "what a question holds is let go";
  EXPECT_FALSE(readers.ask([] {}));
  readers.go_on([held] { ++*held; });
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Readers, take_questions_from_many_threads) {
  std::atomic<int> answered{0};
  std::promise<void> all;
  Readers readers(4);
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 4; ++asker) {
    askers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        readers.go_on([&] {
          if (++answered == 2'000) all.set_value();
        });
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  all.get_future().wait();
  EXPECT_EQ(answered.load(), 2'000);
}

}  // namespace
}  // namespace temperature::doors
