#include "mirror/owed_ranges.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace temperature::mirror {
namespace {

OwedRange range(std::uint32_t window, std::int64_t from, std::int64_t to) {
  return {WindowId(window), timestamp_from_ms(from), timestamp_from_ms(to)};
}

std::vector<OwedRange> all_of(std::initializer_list<OwedRange> added) {
  OwedRanges owed;
  for (const OwedRange& each : added) owed.add(each);
  EXPECT_EQ(owed.size(), owed.all().size());
  return owed.all();
}

TEST(OwedRanges, that_touch_become_one) {
  EXPECT_EQ(all_of({range(1, 0, 10), range(1, 10, 20)}), (std::vector{range(1, 0, 20)}));
  EXPECT_EQ(all_of({range(1, 0, 10), range(1, 5, 7)}), (std::vector{range(1, 0, 10)}));
  EXPECT_EQ(all_of({range(1, 0, 10), range(1, 20, 30), range(1, 5, 25)}), (std::vector{range(1, 0, 30)}));
}

TEST(OwedRanges, stay_apart_otherwise) {
  EXPECT_EQ(all_of({range(2, 0, 10), range(1, 11, 20), range(1, 0, 10)}),
            (std::vector{range(1, 0, 10), range(1, 11, 20), range(2, 0, 10)}));
  EXPECT_TRUE(all_of({range(1, 10, 10)}).empty());
}

TEST(OwedRanges, are_few_for_each_window_the_nearest_become_one) {
  EXPECT_EQ(all_of({range(1, 0, 1), range(1, 100, 101), range(1, 110, 111), range(1, 200, 201), range(1, 300, 301)}),
            (std::vector{range(1, 0, 1), range(1, 100, 111), range(1, 200, 201), range(1, 300, 301)}));
}

TEST(OwedRanges, are_taken_one_after_the_other) {
  OwedRanges owed;
  owed.add(range(2, 0, 10));
  owed.add(range(1, 5, 6));
  owed.add(range(1, 1, 2));
  EXPECT_EQ(owed.take(), range(1, 1, 2));
  EXPECT_EQ(owed.take(), range(1, 5, 6));
  EXPECT_EQ(owed.windows(), 1U);
  EXPECT_EQ(owed.take(), range(2, 0, 10));
  EXPECT_EQ(owed.take(), std::nullopt);
  EXPECT_TRUE(owed.empty());
  EXPECT_EQ(owed.size(), 0U);
}

TEST(OwedRanges, never_lose_a_moment_that_was_added) {
  std::mt19937 random(17);
  for (int round = 0; round < 200; ++round) {
    OwedRanges owed;
    std::set<std::pair<std::uint32_t, std::int64_t>> moments;
    for (int i = 0; i < 30; ++i) {
      const std::uint32_t window = random() % 3;
      const std::int64_t from = random() % 100;
      const std::int64_t to = from + random() % 10;
      owed.add(range(window, from, to));
      for (std::int64_t each = from; each < to; ++each) moments.emplace(window, each);
    }
    std::map<std::uint32_t, std::size_t> of_window;
    std::optional<OwedRange> before;
    while (const auto taken = owed.take()) {
      EXPECT_LE(++of_window[taken->window.value()], limits::kOwedRangesPerWindowMax);
      if (before && before->window == taken->window) EXPECT_LT(before->to, taken->from);
      before = taken;
      for (std::int64_t each = to_ms(taken->from); each < to_ms(taken->to); ++each) {
        moments.erase({taken->window.value(), each});
      }
    }
    EXPECT_TRUE(moments.empty()) << "round " << round;
  }
}

}  // namespace
}  // namespace temperature::mirror
