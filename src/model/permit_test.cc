#include "model/permit.h"

#include <gtest/gtest.h>

namespace temperature {
namespace {

constexpr SeriesKey kReading{"north", "hall", "s1", "temperature"};

std::string refusal(const Permit& permit, const SeriesKey& key = kReading) {
  const auto checked = permit.check(key);
  return checked ? "" : std::string(traits(checked.error().code).code);
}

TEST(Permit, AllowsEverythingThatItDoesNotName) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.sensor = "s1"}), "");
  EXPECT_EQ(refusal({.buildings = {"south", "north"}}), "");
  EXPECT_EQ(refusal({.room = "hall"}), "");
  EXPECT_EQ(refusal({.quantities = {"humidity", "temperature"}}), "");
}

TEST(Permit, RefusesWhatItDoesNotAllow) {
  EXPECT_EQ(refusal({.sensor = "s2"}), "forbidden_sensor");
  EXPECT_EQ(refusal({.buildings = {"south"}}), "forbidden_building");
  EXPECT_EQ(refusal({.room = "kitchen"}), "forbidden_room");
  EXPECT_EQ(refusal({.quantities = {"humidity"}}), "forbidden_quantity");
  EXPECT_EQ(refusal({.sensor = "s"}), "forbidden_sensor");    // no prefix is enough
  EXPECT_EQ(refusal({.sensor = "s11"}), "forbidden_sensor");  // in neither direction
}

TEST(Permit, ComparesBytesNotLetters) {
  EXPECT_EQ(refusal({.sensor = "S1"}), "forbidden_sensor");
  const std::string_view nul("s1\0", 3);
  EXPECT_EQ(refusal({.sensor = "s1"}, {"north", "hall", nul, "temperature"}), "forbidden_sensor");
}

}  // namespace
}  // namespace temperature
