#include "client/simulated_house.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace temperature::client {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kMidnight = std::chrono::sys_days(std::chrono::year(2024) / 3 / 1);

HouseOptions options_of(std::uint64_t seed, Duration interval = seconds(10)) {
  HouseOptions options;
  options.seed = seed;
  options.interval = interval;
  return options;
}

using Reading = std::tuple<std::uint32_t, std::uint32_t, SimulatedQuantity, Timestamp, double>;

std::vector<Reading> between(const SimulatedHouse& house, Timestamp from, Timestamp to) {
  std::vector<Reading> all;
  std::vector<SimulatedReading> readings;
  const std::int64_t interval = house.options().interval.count();
  for (std::int64_t tick = to_ms(from) / interval; tick < to_ms(to) / interval; ++tick) {
    for (std::uint32_t room = 0; room < house.options().rooms; ++room) {
      readings.clear();
      house.readings(room, tick, readings);
      for (const auto& [sensor, quantity, timestamp, value] : readings) {
        all.emplace_back(room, sensor, quantity, timestamp, value);
      }
    }
  }
  return all;
}

TEST(SimulatedHouse, is_the_same_for_the_same_seed_and_another_for_another) {
  const auto one = between(SimulatedHouse(options_of(1)), kMidnight, kMidnight + minutes(10));
  const auto again = between(SimulatedHouse(options_of(1)), kMidnight, kMidnight + minutes(10));
  const auto other = between(SimulatedHouse(options_of(2)), kMidnight, kMidnight + minutes(10));
  ASSERT_GT(one.size(), 10'000U);
  EXPECT_EQ(one, again);
  EXPECT_NE(one, other);
}

TEST(SimulatedHouse, agrees_with_itself_when_it_starts_later) {
  const SimulatedHouse house(options_of(1));
  const auto whole = between(house, kMidnight, kMidnight + minutes(10));
  auto parts = between(house, kMidnight, kMidnight + minutes(4));
  const auto rest = between(house, kMidnight + minutes(4), kMidnight + minutes(10));
  parts.insert(parts.end(), rest.begin(), rest.end());
  EXPECT_EQ(parts, whole);
}

TEST(SimulatedHouse, is_warmer_in_the_afternoon_than_at_night_in_every_room) {
  const SimulatedHouse house(options_of(3, minutes(5)));
  std::map<std::uint32_t, double> afternoon;
  std::map<std::uint32_t, double> night;
  const auto mean = [&house](Timestamp from, std::map<std::uint32_t, double>& rooms) {
    std::map<std::uint32_t, int> counts;
    for (const auto& [room, sensor, quantity, timestamp, value] : between(house, from, from + hours(3))) {
      rooms[room] += value;
      ++counts[room];
    }
    for (auto& [room, sum] : rooms) sum /= counts[room];
  };
  mean(kMidnight + hours(14), afternoon);
  mean(kMidnight + hours(2), night);
  ASSERT_EQ(afternoon.size(), 20U);
  for (const auto& [room, value] : afternoon) EXPECT_GT(value, night.at(room) + 0.5) << "room " << room;
}

TEST(SimulatedHouse, stays_in_the_bounds_of_its_quantities_with_two_decimals_at_most) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    HouseOptions options = options_of(seed, minutes(2));
    options.quantities = {SimulatedQuantity::temperature, SimulatedQuantity::humidity, SimulatedQuantity::co2,
                          SimulatedQuantity::pressure};
    std::set<SimulatedQuantity> seen;
    for (const auto& [room, sensor, quantity, timestamp, value] :
         between(SimulatedHouse(options), kMidnight, kMidnight + hours(24))) {
      seen.insert(quantity);
      ASSERT_NEAR(value * 100, std::round(value * 100), 1e-6);
      if (quantity == SimulatedQuantity::temperature) {
        ASSERT_TRUE(value >= -88 && value <= 58) << value;
      }
      if (quantity == SimulatedQuantity::humidity) {
        ASSERT_TRUE(value >= 0 && value <= 100) << value;
      }
      if (quantity == SimulatedQuantity::co2) {
        ASSERT_TRUE(value >= 300 && value <= 10'000) << value;
      }
      if (quantity == SimulatedQuantity::pressure) {
        ASSERT_TRUE(value >= 870 && value <= 1'085) << value;
      }
    }
    EXPECT_EQ(seen.size(), 4U);
  }
}

TEST(SimulatedHouse, jitters_its_timestamps_within_their_tick) {
  const SimulatedHouse house(options_of(1));
  std::set<Duration> jitters;
  for (const auto& [room, sensor, quantity, timestamp, value] : between(house, kMidnight, kMidnight + minutes(5))) {
    if (house.fault(room, sensor) == Fault::repeats) continue;
    const Duration jitter =
        timestamp - std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<10>>>(timestamp);
    ASSERT_LE(jitter, house.jitter_max());
    jitters.insert(jitter);
  }
  EXPECT_GT(jitters.size(), 1000U);
}

// What one sensor sent in a day, by its timestamps, and how often it sent a reading again.
struct Life {
  std::map<Timestamp, double> values;
  int repeats = 0;
  int conflicts = 0;
};

TEST(SimulatedHouse, has_every_fault_and_most_sensors_none) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SimulatedHouse house(options_of(seed, minutes(1)));
    std::map<std::pair<std::uint32_t, std::uint32_t>, Life> lives;
    for (const auto& [room, sensor, quantity, timestamp, value] : between(house, kMidnight, kMidnight + hours(24))) {
      Life& life = lives[{room, sensor}];
      const auto [known, fresh] = life.values.emplace(timestamp, value);
      if (!fresh) ++(known->second == value ? life.repeats : life.conflicts);
    }
    ASSERT_EQ(lives.size(), 200U);
    std::map<Fault, int> faults;
    for (const auto& [place, life] : lives) {
      const Fault fault = house.fault(place.first, place.second);
      ++faults[fault];
      int longest_same = 0;
      int same = 0;
      double largest_step = 0;
      for (auto before = life.values.begin(), at = std::next(before); at != life.values.end(); before = at++) {
        same = at->second == before->second ? same + 1 : 0;
        longest_same = std::max(longest_same, same);
        largest_step = std::max(largest_step, std::abs(at->second - before->second));
      }
      EXPECT_EQ(life.conflicts, 0);
      EXPECT_EQ(life.repeats > 0, fault == Fault::repeats);
      EXPECT_EQ(life.values.size() < 1440, fault == Fault::silent);
      EXPECT_EQ(longest_same >= 50, fault == Fault::stuck);
      EXPECT_EQ(largest_step > 5, fault == Fault::spikes);
    }
    EXPECT_EQ(faults.size(), 5U);
    EXPECT_EQ(faults[Fault::none], 190);
  }
}

}  // namespace
}  // namespace temperature::client
