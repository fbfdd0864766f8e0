#include "mapping/sensor_name_counts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace temperature::mapping {
namespace {

class SensorNameCountsTest : public ::testing::Test {
 protected:
  void count(const std::string& tags) {
    const std::string written = "m,room=r," + tags;
    ingest::LineSeries series;
    ASSERT_EQ(series.read(written), ingest::LineFault::none);
    MadeNames made;
    const MeantTags meant = read_tags(series, rules_, {}, made);
    counts_.count(meant, rules_, sensor_name(meant, rules_, made));
  }

  LineRules rules_;
  std::vector<std::string> told_;
  SensorNameCounts counts_{[this](std::string_view tag, std::string_view value, std::string_view from) {
    told_.push_back(std::string(tag) + "=" + std::string(value) + " by " + std::string(from));
  }};
};

TEST_F(SensorNameCountsTest, more_than_a_hundred_names_of_one_value_are_told_once) {
  for (std::size_t i = 1; i <= limits::kNamesOfSensorTag; ++i) {
    count("device=d,pid=" + std::to_string(i));
    count("device=d,pid=" + std::to_string(i));  // the same name counts once
    count("device=other,pid=1");
  }
  EXPECT_TRUE(told_.empty());
  for (int i = 1000; i < 1300; ++i) count("device=d,pid=" + std::to_string(i));
  EXPECT_EQ(told_, std::vector<std::string>{"device=d by device, pid"});
  for (int i = 0; i < 200; ++i) count("host=pi,chip=" + std::to_string(i));
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(SensorNameCountsTest, a_sensor_tag_alone_is_not_counted) {
  for (int i = 0; i < 300; ++i) count("device=d" + std::to_string(i));
  for (int i = 0; i < 300; ++i) count("probe=" + std::to_string(i) + ",leg=1");
  EXPECT_TRUE(told_.empty());
}

TEST_F(SensorNameCountsTest, watches_a_bounded_number_of_values) {
  for (std::size_t i = 0; i < 3 * limits::kSensorTagsWatched; ++i) count("device=d" + std::to_string(i) + ",leg=1");
  for (int i = 0; i < 200; ++i) count("device=busy,pid=" + std::to_string(i));  // those with few names make room
  EXPECT_EQ(told_.size(), 1U);
  const std::string longest(limits::kSensorTagBytesWatched, 'x');
  for (int i = 0; i < 200; ++i) count("device=" + longest + ",pid=" + std::to_string(i));
  EXPECT_EQ(told_.size(), 2U);
  for (int i = 0; i < 200; ++i) count("device=" + longest + "x,pid=" + std::to_string(i));
  EXPECT_EQ(told_.size(), 2U);
}

}  // namespace
}  // namespace temperature::mapping
