#include "catalogue/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "model/name_limits.h"

namespace temperature::catalogue {
namespace {

using Key = SeriesKey;

std::string number(const char* name, int i) {
  return name + std::to_string(i);
}

ErrorCode code_of(const Result<Catalogue::Found>& found) {
  return found ? ErrorCode::internal : found.error().code;
}
ErrorCode code_of(const Result<void>& done) {
  return done ? ErrorCode::internal : done.error().code;
}

TEST(Catalogue, gives_dense_ids_windows_and_slots_in_order_of_first_sight) {
  Catalogue catalogue(100);
  const auto a = catalogue.define({"main", "hall", "a", "temperature"});
  const auto b = catalogue.define({"main", "hall", "b", "temperature"});
  const auto co2 = catalogue.define({"main", "hall", "a", "co2"});
  const auto attic = catalogue.define({"main", "attic", "a", "temperature"});
  ASSERT_TRUE(a && b && co2 && attic);
  EXPECT_EQ(a->id, SeriesId(0));
  EXPECT_EQ(b->id, SeriesId(1));
  EXPECT_EQ(co2->id, SeriesId(2));
  EXPECT_EQ(attic->id, SeriesId(3));
  EXPECT_EQ(a->place, (Place{WindowId(0), Slot(0)}));
  EXPECT_EQ(b->place, (Place{WindowId(0), Slot(1)}));
  EXPECT_EQ(co2->place, (Place{WindowId(1), Slot(0)}));
  EXPECT_EQ(attic->place, (Place{WindowId(2), Slot(0)}));
  EXPECT_EQ(catalogue.define({"main", "hall", "b", "temperature"})->id, SeriesId(1)) << "known already";
  EXPECT_EQ(catalogue.series_count(), 4U);
  EXPECT_EQ(catalogue.window_count(), 3U);
  EXPECT_EQ(catalogue.definitions(), 4U);

  EXPECT_EQ(catalogue.series(SeriesId(1)).sensor, "b");
  EXPECT_EQ(catalogue.window(WindowId(2)).room, "attic");
  EXPECT_EQ(catalogue.find_window("main", "hall", "co2"), WindowId(1));
  EXPECT_EQ(catalogue.find_window("main", "attic", "co2"), std::nullopt);
  EXPECT_EQ(catalogue.find_window("annex", "hall", "co2"), std::nullopt);
  EXPECT_TRUE(catalogue.room_known("main", "attic"));
  EXPECT_FALSE(catalogue.room_known("annex", "attic"));
  EXPECT_EQ(catalogue.room_windows("main", "hall"), (std::vector{WindowId(0), WindowId(1)}));
  EXPECT_EQ(catalogue.find_sensor(WindowId(0), "b")->id, SeriesId(1));
  EXPECT_FALSE(catalogue.find_sensor(WindowId(2), "b"));
  ASSERT_EQ(catalogue.window_series(WindowId(0)).size(), 2U);
  EXPECT_EQ(catalogue.window_series(WindowId(0))[1].place.slot, Slot(1));
}

TEST(Catalogue, tells_names_apart_wherever_one_ends_and_the_next_begins) {
  Catalogue catalogue(100);
  std::set<SeriesId> ids;
  for (const Key& key : {Key{"ab", "c", "d", "e"}, Key{"a", "bc", "d", "e"}, Key{"a", "b", "cd", "e"},
                         Key{"a", "b", "c", "de"}, Key{"e", "d", "c", "ab"}}) {
    ids.insert(catalogue.define(key)->id);
  }
  EXPECT_EQ(ids.size(), 5U);
}

TEST(Catalogue, keeps_sensors_of_any_length) {
  Catalogue catalogue(10'000);
  for (std::size_t size = 1; size <= limits::kSensorNameBytesMax; ++size) {
    ASSERT_TRUE(catalogue.define({"b", "r", std::string(size, 'x'), "temperature"}));
  }
  for (std::size_t size = 1; size <= limits::kSensorNameBytesMax; ++size) {
    const SeriesId id(static_cast<std::uint32_t>(size - 1));
    ASSERT_EQ(catalogue.series(id).sensor, std::string(size, 'x'));
    Catalogue::Reader reader(catalogue);
    ASSERT_EQ(reader.find({"b", "r", std::string(size, 'x'), "temperature"})->id, id);
  }
}

TEST(Catalogue, keeps_names_of_the_longest_length) {
  Catalogue catalogue(10'000);
  // Many of them, so that they fill several pieces of the arena.
  for (int i = 0; i < 2000; ++i) {
    std::string name = std::to_string(i);
    name.resize(limits::kNameBytesMax, 'x');
    ASSERT_TRUE(catalogue.define({name, name, name, "temperature"}));
  }
  for (int i = 0; i < 2000; ++i) {
    std::string name = std::to_string(i);
    name.resize(limits::kNameBytesMax, 'x');
    ASSERT_EQ(catalogue.series(SeriesId(static_cast<std::uint32_t>(i))).sensor, name);
    ASSERT_TRUE(catalogue.find_window(name, name, "temperature"));
  }
}

TEST(Catalogue, refuses_one_series_more_than_the_limit) {
  Catalogue catalogue(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(catalogue.define({"main", "hall", number("s", i), "temperature"}));
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "s3", "temperature"})), ErrorCode::series_limit);
  EXPECT_EQ(code_of(catalogue.define({"main", "attic", "s3", "humidity"})), ErrorCode::series_limit);
  EXPECT_FALSE(catalogue.room_known("main", "attic")) << "a refusal leaves nothing behind";
  EXPECT_TRUE(catalogue.define({"main", "hall", "s0", "temperature"})) << "what is known is found at the limit";
  EXPECT_EQ(catalogue.series_count(), 3U);
}

TEST(Catalogue, refuses_one_sensor_more_than_a_room_may_have) {
  Catalogue catalogue(1'000'000);
  const int most = static_cast<int>(limits::kSensorsPerRoomMax);
  for (int i = 0; i < most; ++i) ASSERT_TRUE(catalogue.define({"main", "hall", number("s", i), "temperature"}));
  EXPECT_EQ(catalogue.find_sensor(WindowId(0), number("s", most - 1))->place.slot.value(), most - 1);
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "one more", "temperature"})), ErrorCode::series_limit);
  EXPECT_TRUE(catalogue.define({"main", "hall", "one more", "humidity"})) << "the limit is each window's";
}

TEST(Catalogue, refuses_one_series_more_than_a_sensor_may_have) {
  Catalogue catalogue(1'000);
  ASSERT_TRUE(catalogue.define({"main", "hall", "s1", "temperature"}));  // counted though nobody asked yet
  ASSERT_TRUE(catalogue.define({"main", "hall", "s2", "temperature"}));
  ASSERT_TRUE(catalogue.define({"annex", "attic", "s1", "temperature"}, 3));
  ASSERT_TRUE(catalogue.define({"main", "hall", "s1", "humidity"}, 3));
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "s1", "co2"}, 3)), ErrorCode::series_limit);
  EXPECT_TRUE(catalogue.define({"main", "hall", "s1", "humidity"}, 3)) << "what is known is found at the limit";
  EXPECT_TRUE(catalogue.define({"main", "hall", "s2", "co2"}, 3)) << "the limit is each sensor's";
  EXPECT_TRUE(catalogue.define({"main", "hall", "s1", "co2"})) << "who has no limit is not limited, but counts";
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "s1", "pressure"}, 4)), ErrorCode::series_limit);
}

TEST(Catalogue, refuses_one_quantity_more_than_the_limit) {
  Catalogue catalogue(1'000'000, ReadingRules::current, {.in_all = 3, .of_sensor = 0});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(catalogue.define({"main", "hall", "s", number("q", i)}));
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "s", "one more"})), ErrorCode::quantity_limit);
  EXPECT_EQ(code_of(catalogue.define_unit({"main", "hall", "s", "one more"}, "m")), ErrorCode::quantity_limit);
  EXPECT_FALSE(catalogue.room_known("main", "attic")) << "a refusal leaves nothing behind";
  EXPECT_TRUE(catalogue.define_unit({"main", "hall", "s", "q0"}, "m"));
  EXPECT_TRUE(catalogue.define({"main", "attic", "other", "q2"})) << "what is there is anybody's";
  EXPECT_TRUE(catalogue.define({"main", "attic", "other", "temperature"})) << "what is built in has no bound";
  EXPECT_TRUE(catalogue.define({"main", "attic", "other", "humidity"}));
  EXPECT_EQ(catalogue.counted().quantities, 3U);
}

TEST(Catalogue, a_sensor_is_the_first_to_send_so_many_quantities) {
  Catalogue catalogue(1'000'000, ReadingRules::current, {.in_all = 100, .of_sensor = 2});
  ASSERT_TRUE(catalogue.define({"main", "hall", "a", "q0"}));
  ASSERT_TRUE(catalogue.define({"main", "attic", "a", "q1"}));
  const auto refused = catalogue.define({"annex", "hall", "a", "q2"});
  ASSERT_EQ(code_of(refused), ErrorCode::quantity_limit);
  EXPECT_TRUE(refused.error().detail.contains("--quantities-per-sensor")) << refused.error().detail;
  EXPECT_EQ(code_of(catalogue.define_unit({"main", "hall", "a", "q2"}, "m")), ErrorCode::quantity_limit);
  EXPECT_TRUE(catalogue.define({"main", "hall", "b", "q2"})) << "the bound is each sensor's";
  EXPECT_TRUE(catalogue.define({"main", "hall", "a", "q2"})) << "what another one sent first is no new quantity";
  EXPECT_TRUE(catalogue.define({"main", "hall", "a", "co2"})) << "what is built in is none";
  EXPECT_TRUE(catalogue.define({"main", "garden", "a", "q0"})) << "nor is what it sends elsewhere";
}

TEST(Catalogue, a_quantity_of_which_no_reading_can_be_taken_is_not_made) {
  Catalogue catalogue(1, ReadingRules::current, {.in_all = 1, .of_sensor = 1});
  ASSERT_TRUE(catalogue.define({"main", "hall", "a", "temperature"}));
  EXPECT_EQ(code_of(catalogue.define_unit({"main", "hall", "a", "wind"}, "m/s")), ErrorCode::series_limit);
  EXPECT_EQ(catalogue.counted().quantities, 0U);
  EXPECT_EQ(catalogue.definitions(), 1U) << "nor is its unit logged";
}

TEST(Catalogue, restores_more_quantities_than_the_bounds_and_counts_them_as_before) {
  const QuantityLimits bounds{.in_all = 3, .of_sensor = 2};
  Catalogue before(100, ReadingRules::current, {.in_all = 100, .of_sensor = 0});
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(before.define_unit({"main", "hall", "a", number("q", i)}, "m"));
    ASSERT_TRUE(before.define({"main", "hall", "a", number("q", i)}));
  }
  Catalogue after(100, ReadingRules::current, bounds);
  for (const Definition& definition : before.definitions(0, before.definitions())) {
    ASSERT_TRUE(after.restore(definition));
  }
  EXPECT_EQ(after.counted().quantities, 4U);
  EXPECT_TRUE(after.define({"main", "hall", "b", "q3"}));
  EXPECT_EQ(code_of(after.define({"main", "hall", "b", "more"})), ErrorCode::quantity_limit);

  Catalogue fewer(100, ReadingRules::current, bounds);
  for (const Definition& definition : before.definitions(0, 4)) ASSERT_TRUE(fewer.restore(definition));
  EXPECT_EQ(code_of(fewer.define({"main", "hall", "a", "more"})), ErrorCode::quantity_limit) << "its two are counted";
  EXPECT_TRUE(fewer.define({"main", "hall", "b", "more"}));
}

TEST(Catalogue, fixes_a_quantitys_first_unit) {
  Catalogue catalogue(10);
  bool fixes = false;
  EXPECT_TRUE(Catalogue::Reader(catalogue).unit_change("wind", "m/s", ReadingRules::current, fixes));
  EXPECT_TRUE(fixes);
  ASSERT_TRUE(catalogue.define({"main", "roof", "s", "wind"}));
  EXPECT_EQ(catalogue.unit("wind"), "");
  ASSERT_TRUE(catalogue.define_unit("wind", "m/s"));
  EXPECT_TRUE(catalogue.define_unit("wind", "m/s")) << "again";
  EXPECT_EQ(code_of(catalogue.define_unit("wind", "km/h")), ErrorCode::unit_mismatch);
  EXPECT_EQ(catalogue.unit("wind"), "m/s");
  EXPECT_TRUE(Catalogue::Reader(catalogue).unit_change("wind", "m/s", ReadingRules::current, fixes));
  EXPECT_FALSE(fixes);
  EXPECT_FALSE(Catalogue::Reader(catalogue).unit_change("wind", "km/h", ReadingRules::current, fixes));
  EXPECT_EQ(catalogue.definitions(), 2U);
}

TEST(Catalogue, knows_the_built_in_units_however_they_are_written) {
  Catalogue catalogue(10);
  bool fixes = true;
  for (const char* unit : {"°C", "C", "degC", "Cel", "celsius"}) {
    EXPECT_TRUE(Catalogue::Reader(catalogue).unit_change("temperature", unit, ReadingRules::current, fixes)) << unit;
    EXPECT_FALSE(fixes);
    EXPECT_TRUE(catalogue.define_unit("temperature", unit)) << unit;
  }
  EXPECT_EQ(code_of(catalogue.define_unit("temperature", "°F")), ErrorCode::unit_mismatch);
  EXPECT_FALSE(Catalogue::Reader(catalogue).unit_change("temperature", "hPa", ReadingRules::current, fixes));
  EXPECT_EQ(catalogue.unit("temperature"), "°C");
  EXPECT_EQ(catalogue.unit("unheard of"), "");
  EXPECT_EQ(catalogue.definitions(), 0U) << "what is built in is not logged";
}

// The spelling that came first used to decide which other spellings were the same unit.
TEST(Catalogue, takes_every_spelling_of_a_unit_whichever_came_first) {
  Catalogue catalogue(10);
  ASSERT_TRUE(catalogue.define_unit("water temperature", "degC"));
  EXPECT_TRUE(catalogue.define_unit("water temperature", "°C"));
  EXPECT_TRUE(catalogue.define_unit("water temperature", "Cel"));
  EXPECT_EQ(code_of(catalogue.define_unit("water temperature", "°F")), ErrorCode::unit_mismatch);
}

TEST(Catalogue, comes_back_from_its_definition_log) {
  Catalogue before(100);
  ASSERT_TRUE(before.define({"main", "hall", "a", "temperature"}));
  ASSERT_TRUE(before.define_unit("wind", "m/s"));  // before any series of it
  ASSERT_TRUE(before.define({"annex", "roof", "b", "wind"}));
  ASSERT_TRUE(before.define({"main", "hall", "c", "temperature"}));
  const auto log = before.definitions(0, before.definitions());
  ASSERT_EQ(log.size(), 4U);
  EXPECT_EQ(std::get<SeriesDefined>(log[0]), (SeriesDefined{SeriesId(0), "main", "hall", "a", "temperature"}));
  EXPECT_EQ(std::get<UnitDefined>(log[1]), (UnitDefined{"wind", "m/s"}));
  EXPECT_EQ(before.definitions(1, 3), (std::vector<Definition>{log[1], log[2]}));

  Catalogue after(100);
  for (int twice = 0; twice < 2; ++twice) {  // the journal may deliver what the store had
    for (const Definition& definition : log) ASSERT_TRUE(after.restore(definition));
    EXPECT_EQ(after.definitions(0, after.definitions()), log);
  }
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(after.place(SeriesId(i)), before.place(SeriesId(i)));
  EXPECT_EQ(after.unit("wind"), "m/s");
}

TEST(Catalogue, restores_more_series_than_the_limit_but_defines_no_new_one) {
  Catalogue catalogue(1);
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(catalogue.restore(SeriesDefined{SeriesId(i), "main", "hall", number("s", static_cast<int>(i)), "co2"}));
  }
  EXPECT_EQ(catalogue.series_count(), 3U);
  EXPECT_EQ(code_of(catalogue.define({"main", "hall", "new", "co2"})), ErrorCode::series_limit);
}

TEST(Catalogue, refuses_definitions_that_contradict_each_other) {
  Catalogue catalogue(100);
  ASSERT_TRUE(catalogue.restore(SeriesDefined{SeriesId(0), "main", "hall", "a", "wind"}));
  ASSERT_TRUE(catalogue.restore(UnitDefined{"wind", "m/s"}));
  const std::vector<Definition> damaged{
      SeriesDefined{SeriesId(2), "main", "hall", "b", "wind"},  // a gap
      SeriesDefined{SeriesId(0), "main", "hall", "b", "wind"},  // an id that is taken
      SeriesDefined{SeriesId(1), "main", "hall", "a", "wind"},  // a series that has another id
      SeriesDefined{SeriesId(1), "main", std::string(limits::kNameBytesMax + 1, 'x'), "b", "wind"},
      SeriesDefined{SeriesId(1), "main", "hall", std::string(limits::kSensorNameBytesMax + 1, 'x'), "wind"},
      UnitDefined{"wind", "km/h"},
  };
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    EXPECT_EQ(code_of(catalogue.restore(damaged[i])), ErrorCode::journal_damaged) << i;
  }
  EXPECT_EQ(catalogue.series_count(), 1U);
}

TEST(Catalogue, fills_in_places_and_names_the_first_series_that_it_does_not_know) {
  Catalogue catalogue(10);
  const auto a = catalogue.define({"main", "hall", "a", "co2"});
  const auto b = catalogue.define({"main", "attic", "b", "co2"});
  ReadingColumns rows;
  for (const std::uint32_t id : {1U, 0U}) rows.push_back(SeriesId(id), {}, {});
  EXPECT_EQ(catalogue.set_places(rows), std::nullopt);
  EXPECT_EQ(rows.places, (std::vector{b->place, a->place}));
  rows.push_back(SeriesId(2), {}, {});
  rows.push_back(SeriesId(3), {}, {});
  EXPECT_EQ(catalogue.set_places(rows), SeriesId(2));
}

TEST(Catalogue, lists_rooms_in_order_when_thousands_are_new) {
  Catalogue catalogue(10'000);
  std::mt19937 random(11);
  std::set<std::string> all;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2'500; ++i) {
      const std::string room = number("r", static_cast<int>(random() % 100'000));
      ASSERT_TRUE(catalogue.define({"b", room, "s", "temperature"}));
      all.insert(room);
    }
    EXPECT_TRUE(std::ranges::equal(catalogue.rooms("b", {}, 10'000), all, {}, &Catalogue::Room::room)) << round;
  }
}

TEST(Catalogue, lists_rooms_in_order_page_by_page) {
  Catalogue catalogue(1000);
  std::mt19937 random(7);
  std::set<std::pair<std::string, std::string>> all;
  const auto list = [&](std::optional<std::string_view> building, std::size_t limit) {
    std::vector<std::pair<std::string, std::string>> got;
    std::pair<std::string, std::string> after;
    while (true) {
      const auto page = catalogue.rooms(building, after, limit);
      for (const auto& room : page) got.emplace_back(room.building, room.room);
      if (page.size() < limit) return got;
      after = got.back();
    }
  };
  for (int i = 0; i < 200; ++i) {
    const std::string building = number("b", static_cast<int>(random() % 5));
    const std::string room = number("r", static_cast<int>(random() % 100));
    ASSERT_TRUE(catalogue.define({building, room, "s", "temperature"}));
    all.emplace(building, room);
    if (i % 20 != 0) continue;  // list while rooms are still being added
    EXPECT_TRUE(std::ranges::equal(list(std::nullopt, 7), all));
  }
  for (const std::size_t limit : {1U, 7U, 1000U}) {
    EXPECT_TRUE(std::ranges::equal(list(std::nullopt, limit), all)) << limit;
    std::vector<std::pair<std::string, std::string>> of_b3;
    std::ranges::copy_if(all, std::back_inserter(of_b3), [](const auto& room) { return room.first == "b3"; });
    ASSERT_FALSE(of_b3.empty());
    EXPECT_EQ(list("b3", limit), of_b3) << limit;
  }
  EXPECT_TRUE(list("b", 10).empty());
  EXPECT_TRUE(list("b9", 10).empty());
}

// The guess of which series comes next must never answer with a wrong one.
TEST(Catalogue, finds_series_in_whatever_order_they_are_asked_for) {
  Catalogue catalogue(1000);
  std::vector<std::string> sensors;
  for (int i = 0; i < 50; ++i) sensors.push_back(number("s", i));
  for (const std::string& sensor : sensors) ASSERT_TRUE(catalogue.define({"main", "hall", sensor, "co2"}));
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Catalogue::Reader reader(catalogue);
    const bool shuffled = round % 3 == 0;
    for (int i = 0; i < 50; ++i) {
      const auto at = shuffled ? random() % 50 : static_cast<unsigned>(i);
      const auto found = reader.find({"main", "hall", sensors[at], "co2"});
      ASSERT_TRUE(found);
      ASSERT_EQ(found->id, SeriesId(static_cast<std::uint32_t>(at)));
      if (i % 10 == 0) {
        ASSERT_FALSE(reader.find({"main", "hall", "nobody", "co2"}));
        ASSERT_FALSE(reader.find({"main", "attic", sensors[at], "co2"}));
      }
    }
  }
}

TEST(Catalogue, is_read_by_many_while_it_grows) {
  Catalogue catalogue(100'000);
  constexpr int kSeries = 4000;
  std::atomic<int> defined{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      std::mt19937 random(static_cast<unsigned>(r));
      int seen = 0;
      while (seen < kSeries) {
        seen = defined.load();
        if (seen == 0) continue;
        const int i = static_cast<int>(random() % static_cast<unsigned>(seen));
        const std::string room = number("r", i % 37);
        const std::string sensor = number("s", i);
        const auto found = Catalogue::Reader(catalogue).find({"main", room, sensor, "temperature"});
        if (!found || found->id != SeriesId(static_cast<std::uint32_t>(i))) ++wrong;
        if (found && catalogue.series(found->id).sensor != sensor) ++wrong;
        if (found && catalogue.window(found->place.window).room != room) ++wrong;
        if (random() % 50 == 0 && catalogue.rooms(std::nullopt, {}, 1000).empty()) ++wrong;
        if (catalogue.definitions() < static_cast<std::uint64_t>(seen)) ++wrong;
      }
    });
  }
  for (int i = 0; i < kSeries; ++i) {
    const auto found = catalogue.define({"main", number("r", i % 37), number("s", i), "temperature"});
    if (!found || found->id != SeriesId(static_cast<std::uint32_t>(i))) ++wrong;
    defined.store(i + 1);
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace temperature::catalogue
