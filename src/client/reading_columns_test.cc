#include "client/reading_columns.h"

#include <fmt/format.h>
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
  const auto twice = ReadingColumns::from_header(Fields{"timestamp", "room_id", "room_id ", "sensor_id", "value"});
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

// What a row is under a header: "building/room/sensor quantity unit @ms value", or what is wrong.
std::string read(const Fields& header, const Fields& row, const TextLayout& layout = {}) {
  const auto columns = ReadingColumns::from_header(header, layout);
  if (!columns) return "header: " + columns.error().detail;
  const auto reading = columns->read(row);
  if (!reading) return "row: " + reading.error();
  return fmt::format("{}/{}/{} {} {} @{} {}", reading->building, reading->room, reading->sensor, reading->quantity,
                     reading->unit, to_ms(reading->timestamp), reading->value);
}

TEST(ReadingColumns, knows_a_field_by_every_name_that_the_table_has) {
  const Fields row{"7", "r", "s", "72"};
  for (const std::string_view time : {"timestamp", "Timestamp", "TIME", "ts", "@timestamp", "dateTime", " time "}) {
    EXPECT_EQ(read(Fields{time, "room", "sensor", "value"}, row), "/r/s   @7 72") << time;
  }
  EXPECT_EQ(read(Fields{"Time", "ROOM", "Device_ID", "Value"}, row), "/r/s   @7 72");
  for (const std::string_view unit : {"unit", "Unit", "units", "UoM", "unit_of_measurement"}) {
    EXPECT_EQ(read(Fields{"time", "roomId", "device", "VALUE", unit}, {"7", "r", "s", "72", "°F"}), "/r/s  °F @7 72")
        << unit;
  }
  EXPECT_EQ(read(Fields{"ts", "Room", "Sensor", "value", "Quantity", "Building"}, {"7", "r", "s", " 4 ", "co2", "b"}),
            "b/r/s co2  @7 4");
}

TEST(ReadingColumns, takes_of_several_names_the_one_that_goes_first) {
  const Fields two{"timestamp", "room", "room_id", "sensor", "value"};
  EXPECT_EQ(read(two, {"7", "r", "id", "s", "1"}), "/r/s   @7 1");
  EXPECT_EQ(read(two, {"7", "", "id", "s", "1"}), "/id/s   @7 1");
  const Fields times{"ts", "time", "room", "sensor", "value"};
  EXPECT_EQ(read(times, {"7", "1970-01-01T00:00:00.007Z", "r", "s", "1"}), "/r/s   @7 1");
  EXPECT_EQ(read(times, {"7", "8", "r", "s", "1"}),
            "row: the fields \"ts\" and \"time\" both mean the timestamp, and have different values");
  EXPECT_EQ(read(times, {" ", "8", "r", "s", "1"}), "/r/s   @8 1");
  const Fields values{"ts", "room", "sensor", "Value", "VALUE"};
  EXPECT_EQ(read(values, {"7", "r", "s", "1", "1.0"}), "/r/s   @7 1");
  EXPECT_EQ(read(values, {"7", "r", "s", "1", "2"}),
            "row: the fields \"Value\" and \"VALUE\" both mean the value, and have different values");
  const Fields units{"ts", "room", "sensor", "value", "units", "uom", "unit"};
  EXPECT_EQ(read(units, {"7", "r", "s", "1", "°F", "°C", ""}),
            "row: the fields \"units\" and \"uom\" both mean the unit, and have different values");
  EXPECT_EQ(read(units, {"7", "r", "s", "1", "°F", "°C", "K"}), "/r/s  K @7 1");
}

TEST(ReadingColumns, takes_a_type_for_the_quantity_when_it_is_one) {
  const Fields header{"ts", "room", "sensor", "value", "type"};
  EXPECT_EQ(read(header, {"7", "r", "s", "1", "Humidity"}), "/r/s humidity  @7 1");
  EXPECT_EQ(read(header, {"7", "r", "s", "1", "DHT22"}), "/r/s   @7 1");
  const Fields both{"ts", "room", "sensor", "value", "type", "quantity"};
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "humidity", "co2"}), "/r/s co2  @7 1");
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "humidity", ""}), "/r/s humidity  @7 1");
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "DHT22", ""}), "row: the quantity is empty");
}

TEST(ReadingColumns, refuses_words_that_are_not_taken) {
  for (const std::string_view word : {"date", "Epoch", "created_at", "unix_time"}) {
    const std::string found = read(Fields{word, "room", "sensor", "value"}, {"7", "r", "s", "1"});
    EXPECT_TRUE(
        found.starts_with(fmt::format("header: the header has the column \"{}\", which is not taken as the "
                                      "timestamp",
                                      word)))
        << found;
    EXPECT_EQ(read(Fields{word, "room", "sensor", "value", "time"}, {"7", "r", "s", "1", "8"}), "/r/s   @8 1");
  }
  const Fields scale{"ts", "room", "sensor", "value", "Scale"};
  EXPECT_TRUE(read(scale, {"7", "r", "s", "1", "F"}).starts_with("header: the header has the column \"Scale\""));
  TextLayout layout;
  layout.units = {{"", "°F"}};
  EXPECT_EQ(read(scale, {"7", "r", "s", "1", "F"}, layout), "/r/s  °F @7 1");
  const Fields both{"ts", "room", "sensor", "value", "scale", "unit"};
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "F", "K"}), "/r/s  K @7 1");
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "", ""}), "/r/s   @7 1");
  EXPECT_EQ(read(both, {"7", "r", "s", "1", "F", ""}),
            "row: the field \"scale\" is not taken as the unit, for its meaning is not sure");
}

TEST(ReadingColumns, leaves_other_columns_alone_where_the_layout_names_some) {
  TextLayout layout;
  layout.columns = {{"timestamp", "When"}, {"temperature", "T"}};
  layout.room = "attic";
  layout.sensor = "logger";
  EXPECT_EQ(read(Fields{"When", "T", "Device", "date"}, {"7", "20", "GVH", "x"}, layout),
            "/attic/logger temperature  @7 20");
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
