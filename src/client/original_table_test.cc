#include "client/original_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace temperature::client {
namespace {

using OriginalRow = OriginalTable::Row;

const OriginalRow kGoodRow{
    .building = "1", .room = "2", .sensor = "3", .temperature = 21.5, .time = timestamp_from_ms(5)};

std::string refusal_of_row(const OriginalRow& row) {
  const auto reading = OriginalTable::reading_of(row);
  return reading ? "none" : reading.error();
}

OriginalRow row_with(void (*change)(OriginalRow&)) {
  OriginalRow row = kGoodRow;
  change(row);
  return row;
}

TEST(RowOfTheOriginal, IsAReading) {
  const auto reading = OriginalTable::reading_of(kGoodRow);
  ASSERT_TRUE(reading) << reading.error();
  EXPECT_EQ(reading->building, "1");
  EXPECT_EQ(reading->room, "2");
  EXPECT_EQ(reading->sensor, "3");
  EXPECT_EQ(reading->quantity, "") << "the service's own: temperature";
  EXPECT_EQ(reading->value, 21.5);
  EXPECT_EQ(to_ms(reading->timestamp), 5);
}

TEST(RowOfTheOriginal, IsNoneWhenSomethingIsMissing) {
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.building.reset(); })), "building_id is NULL");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.building = ""; })), "building_id is empty");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.room.reset(); })), "room_id is NULL");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.sensor = ""; })), "sensor_id is empty");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.temperature.reset(); })), "temperature is NULL");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.temperature = std::nan(""); })), "temperature is NaN");
  EXPECT_EQ(
      refusal_of_row(row_with([](OriginalRow& row) { row.temperature = -std::numeric_limits<double>::infinity(); })),
      "temperature is infinite");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.time.reset(); })), "reading_time is NULL");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.time = kTimestampMax; })), "reading_time is infinite");
  EXPECT_EQ(refusal_of_row(row_with([](OriginalRow& row) { row.time = kTimestampMin; })), "reading_time is infinite");
}

}  // namespace
}  // namespace temperature::client
