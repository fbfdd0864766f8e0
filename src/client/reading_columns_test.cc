#include "client/reading_columns.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "client/batch.h"

namespace temperature::client {
namespace {

using Fields = std::vector<std::string_view>;

TEST(ReadingColumns, finds_the_columns_by_name_in_any_order) {
  const auto columns = ReadingColumns::from_header(
      Fields{"value", "note", "sensor_id", "quantity", "building_id", "room_id", "unit", "timestamp"});
  ASSERT_TRUE(columns);
  const auto reading =
      columns->read(Fields{"20.89999962", "ignored", "s1", "co2", "north", "r1", "ppm", "2022-10-05T22:00:00.250Z"});
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_EQ(reading->value, 20.89999962);
  EXPECT_EQ(reading->sensor, "s1");
  EXPECT_EQ(reading->room, "r1");
  EXPECT_EQ(reading->building, "north");
  EXPECT_EQ(reading->quantity, "co2");
  EXPECT_EQ(reading->unit, "ppm");
  EXPECT_EQ(to_ms(reading->timestamp), 1'665'007'200'250);
}

TEST(ReadingColumns, needs_neither_building_nor_quantity_and_takes_epoch_milliseconds) {
  const auto columns = ReadingColumns::from_header(Fields{"timestamp", "room", "sensor", "value"});
  ASSERT_TRUE(columns);
  const auto reading = columns->read(Fields{"1665007200000", "r1", "s1", "-1e1"});
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_EQ(to_ms(reading->timestamp), 1'665'007'200'000);
  EXPECT_EQ(reading->value, -10);
  EXPECT_EQ(reading->building, "");
  EXPECT_EQ(reading->quantity, "");
}

TEST(ReadingColumns, names_what_the_header_lacks_or_has_twice) {
  const auto lacking = ReadingColumns::from_header(Fields{"timestamp", "room_id", "quantity"});
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().detail.find("lacks sensor_id, value;"), std::string::npos) << lacking.error().detail;
  const auto twice = ReadingColumns::from_header(Fields{"timestamp", "room_id", "room", "sensor_id", "value"});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().detail.find("\"room_id\" twice"), std::string::npos) << twice.error().detail;
}

TEST(ReadingColumns, says_why_a_row_is_no_reading) {
  const auto columns = ReadingColumns::from_header(Fields{"timestamp", "room_id", "sensor_id", "quantity", "value"});
  ASSERT_TRUE(columns);
  const auto f = [&columns](const Fields& fields, std::string_view want) {
    const auto reading = columns->read(fields);
    ASSERT_FALSE(reading) << want;
    EXPECT_NE(reading.error().find(want), std::string::npos) << reading.error();
  };
  f({"2022-10-05T22:00:00Z", "r", "s", "co2"}, "4 fields where the header has 5");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "1", "2"}, "6 fields where the header has 5");
  f({"2022-10-05", "r", "s", "co2", "1"}, "the timestamp \"2022-10-05\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", ""}, "the value \"\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "NaN"}, "the value \"NaN\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "inf"}, "the value \"inf\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "1e400"}, "the value \"1e400\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "20,5"}, "the value \"20,5\"");
  f({"2022-10-05T22:00:00Z", "r", "s", "", "1"}, "the quantity is empty");
  f({"2022-10-05T22:00:00Z", "r", "s", "co2", "\xff"}, "no UTF-8");
  f({"2022-10-05T22:00:00Z", "\xc3", "s", "co2", "1"}, "a name is no UTF-8");
}

TEST(Batch, is_the_json_that_the_service_reads) {
  Batch batch;
  EXPECT_EQ(batch.json(), "[]");
  batch.add({.building = "north",
             .room = "1/2 \"a\"\\\n",
             .sensor = "s\x01",
             .quantity = "co2",
             .unit = "ppm",
             .timestamp = timestamp_from_ms(1'665'007'200'250),
             .value = 0.1},
            2);
  batch.add({.building = {},
             .room = "r",
             .sensor = "s",
             .quantity = {},
             .unit = {},
             .timestamp = timestamp_from_ms(1),
             .value = -1e-300},
            7);
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch.origin(1), 7U);
  simdjson::dom::parser parser;
  simdjson::dom::array readings;
  ASSERT_EQ(parser.parse(batch.json()).get(readings), simdjson::SUCCESS) << batch.json();
  ASSERT_EQ(readings.size(), 2U);
  const auto first = readings.at(0);
  EXPECT_EQ(std::string_view(first["building"]), "north");
  EXPECT_EQ(std::string_view(first["room"]), "1/2 \"a\"\\\n");
  EXPECT_EQ(std::string_view(first["sensor"]), "s\x01");
  EXPECT_EQ(std::string_view(first["quantity"]), "co2");
  EXPECT_EQ(std::string_view(first["unit"]), "ppm");
  EXPECT_EQ(std::int64_t(first["timestamp"]), 1'665'007'200'250);
  EXPECT_EQ(double(first["value"]), 0.1);
  const auto second = readings.at(1);
  EXPECT_EQ(second["building"].error(), simdjson::NO_SUCH_FIELD);
  EXPECT_EQ(second["quantity"].error(), simdjson::NO_SUCH_FIELD);
  EXPECT_EQ(double(second["value"]), -1e-300);
}

}  // namespace
}  // namespace temperature::client
