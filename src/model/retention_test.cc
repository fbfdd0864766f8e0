#include "model/retention.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr Timestamp kNow = timestamp_from_ms(1'700'000'000'000);

TEST(Retention, keeps_everything_unless_told) {
  const Retention retention;
  EXPECT_TRUE(retention.for_ever());
  EXPECT_EQ(retention.keep_from("temperature", kNow), kTimestampMin);
  EXPECT_EQ(retention.keep_all_from(kNow), kTimestampMin);
  EXPECT_TRUE(retention.lengths().empty());
}

TEST(Retention, knows_quantities_by_name_and_the_others) {
  Retention retention{days(400)};
  retention.keep("co2", days(30));
  retention.keep("pressure", Duration(0));
  EXPECT_EQ(retention.keep_from("co2", kNow), kNow - days(30));
  EXPECT_EQ(retention.keep_from("temperature", kNow), kNow - days(400));
  EXPECT_EQ(retention.keep_from("pressure", kNow), kTimestampMin);
  EXPECT_EQ(retention.keep_all_from(kNow), kNow - days(30));
  EXPECT_EQ(retention.lengths(), (std::vector<Duration>{days(400), days(30)}));
  EXPECT_FALSE(retention.for_ever());
}

TEST(Retention, of_one_quantity_alone_leaves_the_others_for_ever) {
  Retention retention;
  retention.keep("co2", hours(1));
  EXPECT_EQ(retention.keep_from("temperature", kNow), kTimestampMin);
  EXPECT_EQ(retention.keep_all_from(kNow), kNow - hours(1));
}

TEST(Retention, longer_than_time_itself_keeps_everything) {
  EXPECT_EQ(Retention(days(10)).keep_from("co2", kTimestampMin + days(1)), kTimestampMin);
}

}  // namespace
}  // namespace temperature
