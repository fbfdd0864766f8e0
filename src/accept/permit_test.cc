#include <gtest/gtest.h>

#include <atomic>

#include "accept/acceptor.h"
#include "testing/moments.h"

// Readings that their sender may not write.
namespace temperature::accept {
namespace {

using testing::kNow;

class AcceptorWithPermit : public ::testing::Test {
 protected:
  // Each row is building, room, sensor, quantity.
  Admission accept(const std::vector<SeriesKey>& keys, const Permit& permit) {
    ingest::Parsed parsed;
    for (const SeriesKey& key : keys) {
      ingest::RawReading raw;
      raw.building = key.building;
      raw.room = key.room;
      raw.sensor = key.sensor;
      raw.quantity = key.quantity;
      raw.value = 1;
      raw.index = static_cast<std::uint32_t>(parsed.readings.size());
      parsed.readings.push_back(raw);
    }
    return acceptor.accept(parsed, "sensor:s1", kNow, &permit);
  }
  static std::string codes(const Admission& admission) {
    std::string all;
    for (const auto& rejected : admission.rejected) {
      all += std::to_string(rejected.index) + ":" + std::string(traits(rejected.error.code).code) + " ";
    }
    return all;
  }

  catalogue::Catalogue catalogue{1'000};
  Acceptor acceptor{{}, catalogue};
};

TEST_F(AcceptorWithPermit, refuses_a_foreign_reading_whose_series_is_remembered) {
  ingest::SeriesMemo memo;
  ingest::Parsed parsed;
  ingest::RawReading raw;
  raw.building = "home";
  raw.room = "kitchen";
  raw.sensor = "s2";
  raw.value = 20;
  raw.memo = &memo;
  parsed.readings.push_back(raw);
  ASSERT_EQ(acceptor.accept(parsed, "gateway", kNow).rejected_count, 0U);
  ASSERT_TRUE(memo.known);
  const Permit own{.sensor = "s1"};
  EXPECT_EQ(codes(acceptor.accept(parsed, "sensor:s1", kNow, &own)), "0:forbidden_sensor ");
  EXPECT_EQ(acceptor.accept(parsed, "gateway", kNow).rejected_count, 0U);
}

TEST_F(AcceptorWithPermit, says_which_lines_it_took) {
  ingest::Parsed parsed;
  std::vector<bool> taken(5, false);
  for (const std::string_view sensor : {"s1", "s2", "s1", "s1", "s1"}) {
    ingest::RawReading raw;
    raw.room = "kitchen";
    raw.sensor = sensor;
    raw.index = static_cast<std::uint32_t>(parsed.readings.size());
    parsed.readings.push_back(raw);
  }
  parsed.readings[2].timestamp_ms = 1;  // too old
  parsed.readings[3].value = -1e6;      // below absolute zero
  parsed.readings[4].index = 9;         // of a line that nobody asks for
  parsed.taken = &taken;
  const Permit own{.sensor = "s1"};
  EXPECT_EQ(acceptor.accept(parsed, "sensor:s1", kNow, &own).rejected_count, 3U);
  EXPECT_EQ(taken, (std::vector<bool>{true, false, false, false, false}));
}

TEST_F(AcceptorWithPermit, takes_nothing_when_the_service_stops) {
  std::atomic<bool> stopping{true};
  ingest::Parsed parsed;
  ingest::RawReading raw;
  raw.room = "kitchen";
  raw.sensor = "s1";
  parsed.readings.push_back(raw);
  parsed.stopping = &stopping;
  EXPECT_FALSE(acceptor.accept(parsed, "gateway", kNow).batch);
  EXPECT_EQ(catalogue.series_count(), 0U);
  stopping = false;
  EXPECT_TRUE(acceptor.accept(parsed, "gateway", kNow).batch);
  stopping = true;
  EXPECT_FALSE(acceptor.accept(parsed, "gateway", kNow).batch);
}

TEST_F(AcceptorWithPermit, keeps_the_senders_own_readings_beside_those_of_others) {
  const Admission admission = accept({{"north", "hall", "s1", "co2"},
                                      {"north", "hall", "s2", "co2"},
                                      {"south", "hall", "s1", "co2"},
                                      {"north", "attic", "s1", "co2"},
                                      {"north", "hall", "s1", "humidity"},
                                      {"north", "hall", "s1", "co2"}},
                                     {.sensor = "s1", .buildings = {"north"}, .room = "hall", .quantities = {"co2"}});
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.indices, (std::vector<std::uint32_t>{0, 5}));
  EXPECT_EQ(codes(admission), "1:forbidden_sensor 2:forbidden_building 3:forbidden_room 4:forbidden_quantity ");
  EXPECT_EQ(catalogue.series_count(), 1U) << "what is forbidden defines nothing";
}

TEST_F(AcceptorWithPermit, knows_what_a_reading_that_leaves_names_out_is_about) {
  const Admission admission =
      accept({{"", "hall", "s1", ""}}, {.buildings = {"default"}, .quantities = {"temperature"}});
  EXPECT_TRUE(admission.batch);
  EXPECT_EQ(codes(accept({{"", "hall", "s1", ""}}, {.buildings = {"north"}})), "0:forbidden_building ");
  EXPECT_EQ(codes(accept({{"", "hall", "s1", ""}}, {.quantities = {"co2"}})), "0:forbidden_quantity ");
}

TEST_F(AcceptorWithPermit, bounds_the_series_of_a_sensor) {
  const Permit permit{.sensor = "s1", .series_max = 2};
  const Admission admission =
      accept({{"a", "1", "s1", "co2"}, {"a", "2", "s1", "co2"}, {"a", "3", "s1", "co2"}}, permit);
  EXPECT_EQ(codes(admission), "2:series_limit ");
  EXPECT_EQ(codes(accept({{"a", "1", "s1", "co2"}}, permit)), "");
}

}  // namespace
}  // namespace temperature::accept
