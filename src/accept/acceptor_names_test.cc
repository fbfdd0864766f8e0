#include <gtest/gtest.h>

#include <string>

#include "accept/acceptor.h"
#include "testing/moments.h"

// Names as they were sent find the series that they mean.
namespace temperature::accept {
namespace {

using catalogue::Catalogue;
using ingest::RawReading;
using ingest::SeriesMemo;
using testing::kNow;
using Ids = std::vector<SeriesId>;

constexpr auto kCurrent = ReadingRules::current;
constexpr auto kFormer = ReadingRules::former;

RawReading reading(std::string_view room, std::string_view sensor) {
  RawReading raw;
  raw.room = room;
  raw.sensor = sensor;
  raw.value = 212;
  return raw;
}

Admission admit(Catalogue& catalogue, std::vector<RawReading> readings, const Permit* permit = nullptr) {
  ingest::Parsed parsed;
  parsed.readings = std::move(readings);
  for (std::size_t i = 0; i < parsed.readings.size(); ++i) parsed.readings[i].index = static_cast<std::uint32_t>(i);
  const Acceptor acceptor({.default_building = " main", .reading_rules = catalogue.reading_rules()}, catalogue);
  return acceptor.accept(parsed, "test", kNow, permit);
}

TEST(AcceptorNames, what_is_meant_is_one_series) {
  Catalogue catalogue(10);
  const auto admission = admit(catalogue, {reading("hall ", "s1"), reading("hall", "s1"), reading("\"hall\"", " s1"),
                                           reading("hall", "s2"), reading("hall\xc2\xa0", "s2")});
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.batch->readings().series, (Ids{SeriesId(0), SeriesId(0), SeriesId(0), SeriesId(1), SeriesId(1)}));
  EXPECT_TRUE(catalogue.find_window("main", "hall", "temperature")) << "the default building's name is one, too";
  const auto again = admit(catalogue, {reading(" hall", "s2")});
  EXPECT_EQ(again.batch->readings().series, Ids{SeriesId(1)}) << "known, but not by these bytes";
}

TEST(AcceptorNames, by_the_former_rules_bytes_are_names) {
  Catalogue catalogue(10, kFormer);
  const auto admission =
      admit(catalogue, {reading("hall ", "s1"), reading("hall", "s1"), reading("h\xe2\x80\x8b", "s1")});
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.batch->readings().series, (Ids{SeriesId(0), SeriesId(1), SeriesId(2)}));
  EXPECT_TRUE(catalogue.find_window(" main", "hall ", "temperature"));
}

TEST(AcceptorNames, a_unit_is_of_the_quantity_that_is_meant) {
  Catalogue catalogue(10);
  SeriesMemo memo;
  RawReading raw = reading("hall", "s1");
  raw.quantity = "temperature ";
  raw.unit =
      "\xc2\xb0"
      "F";
  raw.memo = &memo;
  for (int again = 0; again < 3; ++again) {
    const auto admission = admit(catalogue, {raw});
    ASSERT_TRUE(admission.batch);
    EXPECT_DOUBLE_EQ(admission.batch->readings().values[0], 100) << "212 °F";
  }
  raw.unit = "ppm";
  EXPECT_EQ(admit(catalogue, {raw}).rejected.at(0).error.code, ErrorCode::unit_mismatch);
}

TEST(AcceptorNames, a_memo_knows_the_series_that_is_meant) {
  Catalogue catalogue(10);
  SeriesMemo memo;
  RawReading raw = reading("hall ", "s1");
  raw.memo = &memo;
  admit(catalogue, {raw});
  ASSERT_TRUE(memo.known);
  EXPECT_EQ(memo.id, SeriesId(0));
}

TEST(AcceptorNames, a_permit_is_for_what_is_meant) {
  Catalogue catalogue(10);
  const Permit permit{.sensor = "s1", .buildings = {"main"}, .room = "hall"};
  const auto admission = admit(
      catalogue, {reading("hall", " s1"), reading("\"hall\"", "s1"), reading("hall", "s2 "), reading("attic ", "s1")},
      &permit);
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.indices, (std::vector<std::uint32_t>{0, 1}));
  ASSERT_EQ(admission.rejected.size(), 2U);
  EXPECT_EQ(admission.rejected[0].error.code, ErrorCode::forbidden_sensor);
  EXPECT_EQ(admission.rejected[1].error.code, ErrorCode::forbidden_room);
}

TEST(AcceptorNames, a_series_of_before_takes_nothing_under_the_current_rules) {
  Catalogue catalogue(10, kCurrent);
  ASSERT_TRUE(catalogue.restore(catalogue::SeriesDefined{SeriesId(0), "main", "hall", "s1 ", "temperature"}));
  ASSERT_TRUE(catalogue.restore(catalogue::SeriesDefined{SeriesId(1), "main", "hall", "s2", "temperature"}));
  const auto admission = admit(catalogue, {reading("hall", "s2"), reading("hall", "s1 "), reading("hall", "s1 ")});
  ASSERT_TRUE(admission.batch);
  EXPECT_EQ(admission.batch->readings().series, (Ids{SeriesId(1), SeriesId(2), SeriesId(2)}));
  EXPECT_EQ(catalogue.series(SeriesId(2)).sensor, "s1");
  EXPECT_EQ(catalogue.find_sensor(WindowId(0), "s1 ")->id, SeriesId(0)) << "questions find it";
}

TEST(AcceptorNames, retention_is_of_the_quantity_that_is_meant) {
  Catalogue catalogue(10);
  Retention retention(std::chrono::hours(1'000));
  retention.keep("co2", std::chrono::hours(1));
  ingest::Parsed parsed;
  parsed.readings = {reading("hall", "s1")};
  parsed.readings[0].quantity = "co2 ";
  parsed.readings[0].timestamp_ms = to_ms(kNow - std::chrono::hours(2));
  const Acceptor acceptor({.retention = retention}, catalogue);
  EXPECT_EQ(acceptor.accept(parsed, "test", kNow).rejected.at(0).error.code, ErrorCode::too_old);
}

}  // namespace
}  // namespace temperature::accept
