#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "testing/colliding_names.h"

// Names that outsiders choose so that they meet in a table cost no more than others: while they are defined, and when
// the definitions are read back at the next start.
namespace temperature::catalogue {
namespace {

using testing::least_time_of;

constexpr std::size_t kFloodSeries = 8'192;
constexpr int kTimesMax = 10;  // as much as ordinary names; quadratic ones take more than a hundred times as much

using Definitions = std::vector<SeriesDefined>;

Definitions by_names(const std::vector<std::string>& names, auto&& define) {
  Definitions all;
  for (const std::string& name : names) {
    SeriesDefined& series = all.emplace_back(define(name));
    series.id = SeriesId(static_cast<std::uint32_t>(all.size() - 1));
  }
  return all;
}

std::chrono::nanoseconds time_of(const Definitions& definitions) {
  return least_time_of([&definitions] {
    Catalogue catalogue(definitions.size());
    for (const SeriesDefined& series : definitions) {
      if (!catalogue.restore(series)) ADD_FAILURE() << series.room;
    }
    EXPECT_EQ(catalogue.series_count(), definitions.size());
    for (const SeriesDefined& series : definitions) {
      EXPECT_TRUE(catalogue.find_window(series.building, series.room, series.quantity));
    }
  });
}

TEST(CatalogueFlood, names_that_collide_cost_what_others_cost) {
  const auto room = [](const std::string& name) { return SeriesDefined{{}, "main", name, "s", "temperature"}; };
  const auto building = [](const std::string& name) { return SeriesDefined{{}, name, "r", "s", "temperature"}; };
  const auto sensor = [](const std::string& name) {
    return SeriesDefined{{}, "main", "r" + name.substr(15), name, "temperature"};
  };
  const auto ordinary = testing::ordinary_names(kFloodSeries);
  const auto colliding = testing::colliding_names(kFloodSeries);
  EXPECT_LT(time_of(by_names(colliding, room)), kTimesMax * time_of(by_names(ordinary, room)));
  EXPECT_LT(time_of(by_names(colliding, building)), kTimesMax * time_of(by_names(ordinary, building)));
  EXPECT_LT(time_of(by_names(colliding, sensor)), kTimesMax * time_of(by_names(ordinary, sensor)));
}

// Once the hash of a sensor took away that of a room with the same name.
TEST(CatalogueFlood, the_same_name_twice_costs_what_two_cost) {
  const auto two = [](const std::string& name) { return SeriesDefined{{}, "main", name, "s" + name, "temperature"}; };
  const auto one = [](const std::string& name) { return SeriesDefined{{}, "main", name, name, "temperature"}; };
  const auto all = [](const std::string& name) { return SeriesDefined{{}, name, name, name, "temperature"}; };
  const auto names = testing::ordinary_names(kFloodSeries);
  EXPECT_LT(time_of(by_names(names, one)), kTimesMax * time_of(by_names(names, two)));
  EXPECT_LT(time_of(by_names(names, all)), kTimesMax * time_of(by_names(names, two)));
}

// Once the number of a quantity took away that of a room.
TEST(CatalogueFlood, rooms_and_quantities_that_meet_cost_what_others_cost) {
  constexpr std::size_t kQuantities = 2'048;
  const auto windows = [](auto quantity_of) {
    Definitions all;
    for (std::size_t turn = 0; turn < 16; ++turn) {
      for (std::size_t room = 0; room < kQuantities; ++room) {
        const std::string quantity = "q" + std::to_string(quantity_of(room, turn));
        all.push_back(
            {SeriesId(static_cast<std::uint32_t>(all.size())), "b", "r" + std::to_string(room), "s", quantity});
      }
    }
    return all;
  };
  const auto meeting = windows([](std::size_t room, std::size_t turn) { return room ^ turn; });
  const auto apart = windows([](std::size_t room, std::size_t turn) { return (room + turn) % kQuantities; });
  EXPECT_LT(time_of(meeting), kTimesMax * time_of(apart));
}

}  // namespace
}  // namespace temperature::catalogue
