#include "pipeline/held_readings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>

#include "pipeline/way_under_test.h"

namespace temperature::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class HeldReadingsOnBoth : public OnBothStores {};
INSTANTIATE_TEST_SUITE_P(Stores, HeldReadingsOnBoth, ::testing::Bool(), store_name);

// Everything of the hall's sensors, read so many at once.
std::map<std::string, std::vector<Sample>> read_all(WayUnderTest& way, Timestamp from, Timestamp to,
                                                    std::size_t limit) {
  std::map<std::string, std::vector<Sample>> all;
  const auto window = way.catalogue().find_window("main", "hall", kQuantityDefault);
  for (const auto& series : way.catalogue().window_series(*window)) {
    for (Timestamp begin = from; begin < to;) {
      HeldReadings held = way.pipeline().held(*window, begin, to);
      const std::size_t before = all[std::string(series.sensor)].size();
      const auto known = held.read(series, begin, to, limit, all[std::string(series.sensor)]);
      EXPECT_TRUE(known && *known > begin);
      EXPECT_LE(all[std::string(series.sensor)].size() - before, limit);
      begin = *known;
    }
  }
  return all;
}

TEST_P(HeldReadingsOnBoth, are_each_there_once_wherever_they_are_kept) {
  WayUnderTest way(stores());
  way.start();
  std::mt19937 random(11);
  std::map<std::string, std::map<Timestamp, double>> written;
  for (int round = 0; round < 6; ++round) {
    way.clock().set(kNoon + minutes(10 * round));
    std::vector<NamedReading> batch;
    for (int i = 0; i < 60; ++i) {
      const std::string sensor(1, static_cast<char>('a' + random() % 3));
      // Late ones among them, of up to three hours ago: below what memory keeps.
      const Timestamp at = kNoon + minutes(10 * round) - seconds(random() % (random() % 4 == 0 ? 10'800 : 60));
      const double value = static_cast<double>(random() % 100);
      batch.push_back(degrees("hall", sensor, at, value));
      written[sensor].emplace(at, value);  // the first one stays
    }
    ASSERT_TRUE(way.write(batch));
    if (round % 2 == 1) ASSERT_TRUE(way.pipeline().flush());
  }
  for (const auto& [from, to] : {std::pair(kTimestampMin, kTimestampMax), std::pair(kNoon - hours(1), kNoon),
                                 std::pair(kNoon + minutes(40), kTimestampMax)}) {
    std::map<std::string, std::vector<Sample>> expected;
    for (const auto& [sensor, samples] : written) {
      for (const auto& [at, value] : samples) {
        if (at >= from && at < to) expected[sensor].push_back({at, value});
      }
    }
    for (const std::size_t limit : {1U, 7U, 10'000U}) EXPECT_EQ(read_all(way, from, to, limit), expected) << limit;
  }
}

}  // namespace
}  // namespace temperature::pipeline
