#include "access/scopes.h"

#include <gtest/gtest.h>

#include "access/credentials_for_test.h"
#include "access/memory_registry.h"

namespace temperature::access {
namespace {

using Names = std::vector<std::string>;

constexpr auto kCurrent = ReadingRules::current;
constexpr auto kFormer = ReadingRules::former;

class Scopes : public ::testing::Test {
 protected:
  void put(const std::string& id) {
    ASSERT_TRUE(registry_.put_sensor(sensor_with(id, {{"k", new_key().public_key()}})));
  }
  std::string id_of(std::string_view sent, ReadingRules rules) { return *registered_id(registry_, sent, rules); }

  MemoryRegistry registry_;
};

TEST_F(Scopes, a_sensor_is_found_by_its_normal_name) {
  put("s1");
  EXPECT_EQ(id_of("s1", kCurrent), "s1");
  EXPECT_EQ(id_of(" s1", kCurrent), "s1");
  EXPECT_EQ(id_of(" s1", kFormer), " s1");
  EXPECT_EQ(id_of("s2 ", kCurrent), "s2") << "nobody is registered";
  EXPECT_EQ(id_of("s\x01", kCurrent), "s\x01") << "no name at all";
}

TEST_F(Scopes, a_sensor_that_was_registered_before_is_found_by_its_own) {
  put("s1");
  put(" s1");
  EXPECT_EQ(id_of(" s1", kCurrent), " s1");
  EXPECT_EQ(id_of("s1 ", kCurrent), "s1");
}

TEST_F(Scopes, a_permit_has_names_as_readings_come_with_them) {
  Sensor sensor = sensor_with(" s1", {});
  sensor.building = "main ";
  sensor.room =
      "Ku\xcc\x88"
      "che";
  sensor.quantities = {"co2 "};
  const auto permit = permit_of(sensor, registry_, kCurrent);
  ASSERT_TRUE(permit);
  EXPECT_EQ(permit->sensor, "s1");
  EXPECT_EQ(permit->buildings, (Names{"main", "main "})) << "what was stored before is under the latter";
  EXPECT_EQ(permit->room,
            "K\xc3\xbc"
            "che");
  EXPECT_EQ(permit->quantities, Names{"co2"});
  EXPECT_TRUE(permit->check({"main",
                             "K\xc3\xbc"
                             "che",
                             "s1", "co2"}));

  const auto former = permit_of(sensor, registry_, kFormer);
  ASSERT_TRUE(former);
  EXPECT_EQ(former->sensor, " s1");
  EXPECT_EQ(former->buildings, Names{"main "});
  EXPECT_EQ(former->quantities, Names{"co2 "});
}

TEST_F(Scopes, nobody_writes_as_a_registered_twin) {
  put("s1");
  const auto permit = permit_of(sensor_with(" s1", {}), registry_, kCurrent);
  ASSERT_TRUE(permit);
  EXPECT_FALSE(permit->check({"main", "hall", "s1", "temperature"}));
}

TEST_F(Scopes, a_key_is_for_buildings_of_both_names) {
  EXPECT_EQ(buildings_of({}, kCurrent), Names{}) << "all";
  EXPECT_EQ(buildings_of({"west", "east "}, kCurrent), (Names{"east", "east ", "west"}));
  EXPECT_EQ(buildings_of({"west", "east "}, kFormer), (Names{"east ", "west"}));
}

}  // namespace
}  // namespace temperature::access
