#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"

// Series that have no readings any more count under no limit, and are let in again as new ones are.
namespace temperature::catalogue {
namespace {

using Arrivals = Catalogue::Arrivals;

SeriesKey sensor_of_hall(std::string_view sensor, std::string_view quantity = "temperature") {
  return {"main", "hall", sensor, quantity};
}

// Nobody in the window has readings; tells who leaves.
std::vector<SeriesId> empty(Catalogue& catalogue, WindowId window, Arrivals arrivals = Arrivals::over) {
  std::vector<SeriesId> left;
  catalogue.note(window, {}, arrivals, left);
  return left;
}

ErrorCode refusal_of(const Result<Catalogue::Found>& defined) {
  return defined ? ErrorCode::internal : defined.error().code;
}

TEST(CatalogueNamesLeft, a_series_that_left_makes_room_and_keeps_its_id) {
  Catalogue catalogue(1);
  const auto a = catalogue.define(sensor_of_hall("a"));
  ASSERT_TRUE(a);
  catalogue.arrived(std::vector{a->id});
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("b"))), ErrorCode::series_limit);
  EXPECT_EQ(empty(catalogue, a->place.window), std::vector{a->id});
  EXPECT_EQ(empty(catalogue, a->place.window), std::vector<SeriesId>()) << "it leaves once";
  EXPECT_EQ(catalogue.counted(), (Catalogue::Counted{0, 0, 0}));
  EXPECT_EQ(catalogue.series_count(), 1U);
  {
    Catalogue::Reader reader(catalogue);
    EXPECT_FALSE(reader.find(sensor_of_hall("a"))) << "it has to be let in";
    EXPECT_TRUE(reader.has_left(a->id));
  }
  const auto b = catalogue.define(sensor_of_hall("b"));
  ASSERT_TRUE(b);
  EXPECT_EQ(b->id, SeriesId(1));
  EXPECT_EQ(b->place.slot, Slot(1)) << "nor is its slot anybody else's";
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("a"))), ErrorCode::series_limit);
  empty(catalogue, b->place.window);
  const auto again = catalogue.define(sensor_of_hall("a"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, a->id);
  EXPECT_EQ(catalogue.definitions(), 2U) << "it is defined once";
  EXPECT_EQ(catalogue.counted(), (Catalogue::Counted{1, 1, 0}));
  Catalogue::Reader reader(catalogue);
  EXPECT_TRUE(reader.find(sensor_of_hall("a")));
  EXPECT_FALSE(reader.has_left(a->id));
}

// A guess by which series followed each other must not lead to one that has left.
TEST(CatalogueNamesLeft, nobody_is_found_by_who_came_before) {
  Catalogue catalogue(10);
  const auto a = catalogue.define(sensor_of_hall("a"));
  const auto b = catalogue.define({"main", "attic", "b", "temperature"});
  ASSERT_TRUE(a && b);
  const auto find_both = [&catalogue] {
    Catalogue::Reader reader(catalogue);
    return std::pair(reader.find(sensor_of_hall("a")).has_value(),
                     reader.find({"main", "attic", "b", "temperature"}).has_value());
  };
  EXPECT_EQ(find_both(), std::pair(true, true));
  empty(catalogue, b->place.window);
  EXPECT_EQ(find_both(), std::pair(true, false));
}

TEST(CatalogueNamesLeft, only_those_without_readings_leave) {
  Catalogue catalogue(10);
  for (const auto* sensor : {"a", "b", "c"}) {
    const auto found = catalogue.define(sensor_of_hall(sensor));
    ASSERT_TRUE(found);
    catalogue.arrived(std::vector{found->id});
  }
  std::vector<SeriesId> left;
  catalogue.note(WindowId(0), {true, false}, Arrivals::wait, left);
  EXPECT_EQ(left, (std::vector{SeriesId(1), SeriesId(2)}));
  EXPECT_EQ(catalogue.counted(), (Catalogue::Counted{1, 1, 0}));
  left.clear();
  catalogue.note(WindowId(0), {true, false, true}, Arrivals::wait, left);
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(catalogue.counted().series, 2U) << "one has readings again, by whatever way";
}

TEST(CatalogueNamesLeft, who_is_on_the_way_counts_until_two_long_looks) {
  Catalogue catalogue(1);
  const auto a = catalogue.define(sensor_of_hall("a"));
  ASSERT_TRUE(a);
  EXPECT_TRUE(empty(catalogue, a->place.window, Arrivals::wait).empty());
  EXPECT_TRUE(empty(catalogue, a->place.window, Arrivals::wait).empty());
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("b"))), ErrorCode::series_limit);
  EXPECT_TRUE(empty(catalogue, a->place.window, Arrivals::older).empty());
  EXPECT_TRUE(empty(catalogue, a->place.window, Arrivals::wait).empty());
  EXPECT_EQ(empty(catalogue, a->place.window, Arrivals::older).size(), 1U);
  catalogue.arrived(std::vector{a->id});
  EXPECT_EQ(catalogue.counted().series, 1U) << "it came all the same";
}

TEST(CatalogueNamesLeft, the_series_of_a_sensor_are_those_that_have_readings) {
  Catalogue catalogue(100);
  const auto first = catalogue.define(sensor_of_hall("s", "temperature"), 2);
  ASSERT_TRUE(first && catalogue.define(sensor_of_hall("s", "co2"), 2));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("s", "humidity"), 2)), ErrorCode::series_limit);
  empty(catalogue, first->place.window);
  EXPECT_TRUE(catalogue.define(sensor_of_hall("s", "humidity"), 2));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("s", "temperature"), 2)), ErrorCode::series_limit);
}

TEST(CatalogueNamesLeft, a_quantity_leaves_with_its_last_series_and_keeps_its_unit) {
  Catalogue catalogue(100, ReadingRules::current, {.in_all = 1, .of_sensor = 1});
  ASSERT_TRUE(catalogue.define_unit(sensor_of_hall("a", "wind"), "m/s"));
  const auto wind = catalogue.define(sensor_of_hall("a", "wind"));
  ASSERT_TRUE(wind);
  EXPECT_EQ(catalogue.counted(), (Catalogue::Counted{1, 1, 1}));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("b", "rain"))), ErrorCode::quantity_limit);
  EXPECT_FALSE(catalogue.define_unit(sensor_of_hall("b", "rain"), "mm"));
  empty(catalogue, wind->place.window);
  EXPECT_EQ(catalogue.counted(), (Catalogue::Counted{0, 0, 0}));
  ASSERT_TRUE(catalogue.define_unit(sensor_of_hall("a", "rain"), "mm")) << "it is the one that this sensor brings";
  ASSERT_TRUE(catalogue.define(sensor_of_hall("a", "rain")));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("b", "wind"))), ErrorCode::quantity_limit);
  EXPECT_EQ(catalogue.unit("wind"), "m/s");
  EXPECT_EQ(catalogue.define_unit("wind", "km/h").error().code, ErrorCode::unit_mismatch);
}

// One that has a unit and no series yet counts when its series is there.
TEST(CatalogueNamesLeft, several_at_once_bring_no_quantity_too_many) {
  Catalogue catalogue(100, ReadingRules::current, {.in_all = 1, .of_sensor = 0});
  ASSERT_TRUE(catalogue.define_unit(sensor_of_hall("a", "wind"), "m/s"));
  ASSERT_TRUE(catalogue.define_unit(sensor_of_hall("b", "rain"), "mm"));
  ASSERT_TRUE(catalogue.define(sensor_of_hall("a", "wind")));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("b", "rain"))), ErrorCode::quantity_limit);
}

TEST(CatalogueNamesLeft, names_that_are_kept_have_a_bound) {
  Catalogue catalogue(1);
  ASSERT_EQ(names_kept_max(1), limits::kNamesKeptMin);
  ASSERT_EQ(names_kept_max(1'000'000), 1'000'000 * limits::kNamesKeptTimes);
  for (std::size_t i = 0; i < limits::kNamesKeptMin; ++i) {
    const std::string room = "r" + std::to_string(i / 1'000);
    const auto found = catalogue.define({"main", room, std::to_string(i), "temperature"});
    ASSERT_TRUE(found) << i << ' ' << found.error().detail;
    empty(catalogue, found->place.window);
  }
  const auto refused = catalogue.define(sensor_of_hall("one more"));
  ASSERT_EQ(refusal_of(refused), ErrorCode::series_limit);
  EXPECT_TRUE(refused.error().detail.contains("raise it")) << refused.error().detail;
  EXPECT_TRUE(catalogue.define({"main", "r0", "7", "temperature"})) << "who is known comes back";
}

TEST(CatalogueNamesLeft, a_restored_series_counts_until_it_is_known_to_have_left) {
  Catalogue catalogue(1);
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(catalogue.restore(SeriesDefined{SeriesId(i), "main", "hall", std::to_string(i), "temperature"}));
  }
  EXPECT_EQ(catalogue.counted().series, 3U) << "what was accepted once stays, whatever the limit";
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("new"))), ErrorCode::series_limit);
  std::vector<SeriesId> left;
  catalogue.note(WindowId(0), {true}, Arrivals::over, left);
  EXPECT_EQ(left, (std::vector{SeriesId(1), SeriesId(2)}));
  EXPECT_EQ(refusal_of(catalogue.define(sensor_of_hall("new"))), ErrorCode::series_limit);
  empty(catalogue, WindowId(0));
  EXPECT_TRUE(catalogue.define(sensor_of_hall("new")));
}

}  // namespace
}  // namespace temperature::catalogue
