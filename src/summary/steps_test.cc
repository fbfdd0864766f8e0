#include "summary/steps.h"

#include <gtest/gtest.h>

#include "testing/moments.h"

namespace temperature::summary {
namespace {

using testing::kNow;

TEST(Steps, cut_the_last_one_at_the_end) {
  const Steps steps{kNow, kNow + Duration(25), Duration(10)};
  EXPECT_EQ(steps.count(), 3U);
  EXPECT_EQ(steps.index(kNow + Duration(9)), 0U);
  EXPECT_EQ(steps.index(kNow + Duration(10)), 1U);
  EXPECT_EQ(steps.index(kNow + Duration(24)), 2U);
  EXPECT_FALSE(steps.covers(kNow + Duration(25)));
  EXPECT_EQ((Steps{kNow, kNow, Duration(10)}.count()), 0U);
  EXPECT_EQ((Steps{kNow, kNow + Duration(10), Duration(10)}.count()), 1U);
  EXPECT_EQ((Steps{kNow, kNow + Duration(11), Duration(10)}.count()), 2U);
}

TEST(Steps, have_parts_that_lie_where_they_lay) {
  const Steps steps{kNow, kNow + Duration(25), Duration(10)};
  const Steps middle = steps.part(1, 1);
  EXPECT_EQ(middle.from, kNow + Duration(10));
  EXPECT_EQ(middle.to, kNow + Duration(20));
  const Steps rest = steps.part(1, 100);
  EXPECT_EQ(rest.to, kNow + Duration(25));
  EXPECT_EQ(rest.count(), 2U);
  EXPECT_EQ(steps.part(3, 1).count(), 0U);
}

TEST(Steps, tell_whether_a_stretch_lies_within_one_of_them) {
  const Steps steps{kNow, kNow + Duration(25), Duration(10)};
  EXPECT_TRUE(steps.within_one(kNow, kNow + Duration(9)));
  EXPECT_FALSE(steps.within_one(kNow, kNow + Duration(10)));
  EXPECT_FALSE(steps.within_one(kNow - Duration(1), kNow + Duration(5)));
  EXPECT_FALSE(steps.within_one(kNow + Duration(20), kNow + Duration(25)));
}

}  // namespace
}  // namespace temperature::summary
