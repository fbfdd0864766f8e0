#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "base/time.h"
#include "pipeline/life.h"

// The lists of names in a random life, and how many there are: of what has readings, and of nothing else.
namespace temperature::pipeline {
namespace {

// (building, room, sensor) -> quantities
using Sensors = std::map<std::tuple<std::string, std::string, std::string>, std::set<std::string>>;

Sensors sensors_of(const BruteForce& all) {
  Sensors sensors;
  for (const auto& [room, quantities] : all.rooms()) {
    for (const auto& [quantity, readings] : quantities) {
      for (const auto& [identity, value] : readings) {
        sensors[{room.first, room.second, identity.second}].insert(quantity);
      }
    }
  }
  return sensors;
}

std::size_t sensors_in(const BruteForce::Readings& readings) {
  std::set<std::string_view> sensors;
  for (const auto& [identity, value] : readings) sensors.insert(identity.second);
  return sensors.size();
}

std::set<std::string> names_of(const std::vector<answer::QuantityState>& quantities) {
  std::set<std::string> names;
  for (const auto& each : quantities) names.insert(each.quantity);
  return names;
}

}  // namespace

void Life::expect_room(const answer::RoomState& state, const BruteForce::Quantities& quantities) {
  ASSERT_EQ(names_of(state.quantities).size(), state.quantities.size());
  ASSERT_EQ(state.quantities.size(), quantities.size()) << state.building << ' ' << state.room;
  for (const auto& quantity : state.quantities) {
    const auto readings = quantities.find(quantity.quantity);
    ASSERT_NE(readings, quantities.end()) << state.building << ' ' << state.room << ' ' << quantity.quantity;
    const answer::AverageQuery same{state.building,         state.room, std::nullopt, quantity.quantity,
                                    limits::kWindowDefault, now()};
    const auto asked = way_.reads().average(same);
    ASSERT_TRUE(asked) << asked.error().detail;
    ASSERT_EQ(all_.check(same, *asked), "");
    ASSERT_EQ(quantity.count, asked->count);
    ASSERT_EQ(quantity.average.value_or(0), asked->value);
    ASSERT_EQ(quantity.sensors, sensors_in(readings->second));
    const auto ahead = readings->second.lower_bound({now() + kTick, ""});  // those that are ahead of the clock
    ASSERT_EQ(quantity.latest.has_value(), ahead != readings->second.begin());
    if (!quantity.latest) continue;
    ASSERT_EQ(quantity.latest->timestamp, std::prev(ahead)->first.first);
  }
}

void Life::ask_lists() {
  answer::RoomsQuery query;
  query.at = now();
  query.limit = static_cast<std::size_t>(1 + below(3));
  if (chance(3)) query.order = answer::RoomOrder::stalest;
  std::set<std::pair<std::string, std::string>> listed;
  while (true) {
    const auto page = way_.reads().rooms(query);
    ASSERT_TRUE(page) << page.error().detail;
    if (page->found) {
      ASSERT_EQ(page->found->matching, all_.rooms().size());
    }
    for (const answer::RoomState& state : page->rooms) {
      const auto room = all_.rooms().find({state.building, state.room});
      ASSERT_NE(room, all_.rooms().end()) << state.building << ' ' << state.room << " has no readings";
      expect_room(state, room->second);
      if (::testing::Test::HasFatalFailure()) return;
      ASSERT_TRUE(listed.insert(room->first).second) << "a room is listed twice";
    }
    if (page->next.empty()) break;
    query.cursor = page->next;
  }
  ASSERT_EQ(listed.size(), all_.rooms().size()) << "a room is not listed";
  ask_sensors();
}

void Life::ask_sensors() {
  answer::SensorsQuery query;
  query.at = now();
  query.limit = static_cast<std::size_t>(1 + below(100));
  Sensors listed;
  while (true) {
    const auto page = way_.reads().sensors(query);
    ASSERT_TRUE(page) << page.error().detail;
    for (const auto& state : page->sensors) {
      listed[{state.building, state.room, state.sensor}] = names_of(state.quantities);
    }
    if (page->next.empty()) break;
    query.cursor = page->next;
  }
  ASSERT_TRUE(listed == sensors_of(all_)) << "other sensors are listed than have readings";
}

// As limits count them. Where nothing is forgotten by itself, deletions and what comes again keep the count; else all
// names are counted first. A deletion whose flush failed is met by the flush.
void Life::check_counts() {
  way_.stores().history().fail_commits(0);
  ASSERT_TRUE(way_.pipeline().flush());
  if (retention_ != Retention() || chance(2)) way_.pipeline().count_names();
  catalogue::Catalogue::Counted expected;
  for (const auto& [sensor, quantities] : sensors_of(all_)) expected.series += quantities.size();
  for (const auto& [room, quantities] : all_.rooms()) expected.windows += quantities.size();
  const auto counted = way_.catalogue().counted();
  ASSERT_EQ(counted.series, expected.series);
  ASSERT_EQ(counted.windows, expected.windows);
}

}  // namespace temperature::pipeline
