#include "model/field_names.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature {
namespace {

using Field = ReadingField;
using Spelling = FieldSpelling;

TEST(FieldNames, are_known_without_case_and_as_a_whole) {
  const auto f = [](std::string_view name, Field field, Spelling spelling) {
    const NamedField named = field_named(name);
    EXPECT_EQ(named.field, field) << name;
    EXPECT_EQ(named.spelling, spelling) << name;
  };
  f("timestamp", Field::timestamp, Spelling::exact);
  f("Timestamp", Field::timestamp, Spelling::alias);
  f("TIMESTAMP", Field::timestamp, Spelling::alias);
  f("time", Field::timestamp, Spelling::alias);
  f("Ts", Field::timestamp, Spelling::alias);
  f("dateTime", Field::timestamp, Spelling::alias);
  f("room", Field::room, Spelling::exact);
  f("room_id", Field::room, Spelling::id);
  f("roomId", Field::room, Spelling::alias);
  f("Building", Field::building, Spelling::alias);
  f("deviceId", Field::sensor, Spelling::alias);
  f("Unit_Of_Measurement", Field::unit, Spelling::alias);
  f("unit_of_measurement_str", Field::unit, Spelling::alias);
  f("Type", Field::quantity, Spelling::kind);
  f("createdAt", Field::timestamp, Spelling::untaken);
  f("date", Field::timestamp, Spelling::untaken);
  f("scale", Field::unit, Spelling::untaken);
  for (const std::string_view name :
       {"", "t", "timestam", "timestamps", "time ", " time", "rooms", "value2", "unit_of_measurement_string", "Zeit"}) {
    f(name, Field::unknown, Spelling::unknown);
  }
  f(std::string(100'000, 't'), Field::unknown, Spelling::unknown);
}

TEST(FieldNames, every_own_name_is_exact) {
  for (std::size_t field = 0; field < kFields; ++field) {
    const NamedField named = field_named(name_of(static_cast<Field>(field)));
    EXPECT_EQ(named.field, static_cast<Field>(field));
    EXPECT_EQ(named.spelling, Spelling::exact);
  }
}

TEST(FieldNames, a_kind_is_a_quantity_when_it_is_known) {
  EXPECT_EQ(known_quantity("humidity"), "humidity");
  EXPECT_EQ(known_quantity("CO2"), "co2");
  for (const std::string_view text : {"", "DHT22", "temp", "temperature "}) EXPECT_FALSE(known_quantity(text)) << text;
  EXPECT_FALSE(known_quantity(std::string(1'000, 'x')));
}

}  // namespace
}  // namespace temperature
