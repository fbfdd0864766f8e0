#include "mapping/line_names.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::mapping {
namespace {

const DeviceMap& devices() {
  static const DeviceMap map = *DeviceMap::parse(
      "device,building,room,quantity\n"
      "aa:bb,north,lab,\n"
      "sensor.hall_temperature,,hall,\n"
      "bath_level,home,bath,water_level\n");
  return map;
}

// "building/room/sensor", then the quantity of the field `value` with its unit, then that of the field `load`.
std::string names(const std::string& series, const LineRules& rules = {}) {
  ingest::LineSeries taken_apart;
  EXPECT_EQ(taken_apart.read(series), ingest::LineFault::none) << series;
  MadeNames made;
  const LineNames names = names_of(taken_apart, rules, devices(), made);
  if (names.refused) return std::string(traits(*names.refused).code);
  const auto load = quantity_of(names, "load", made);
  return std::string(names.building) + "/" + std::string(names.room) + "/" + std::string(names.sensor) + " " +
         std::string(*quantity_of(names, "value", made)) + std::string(names.unit) + " " +
         (load ? std::string(*load) : "-");
}

LineRules former() {
  LineRules rules;
  rules.reading_rules = ReadingRules::former;
  return rules;
}

TEST(LineNames, tags_name_building_room_and_sensor) {
  EXPECT_EQ(names("co2,building=b,room=r,sensor=s"), "b/r/s co2 load");
  EXPECT_EQ(names("co2,sensor=s,room=r"), "/r/s co2 load");
  EXPECT_EQ(names("co2,site=b,area=r,device=s"), "b/r/s co2 load");
  EXPECT_EQ(names("co2,facility=b,location=r,host=s"), "b/r/s co2 load");
  EXPECT_EQ(names("co2,house=b,zone=r,id=s,other=x", former()), "b/r/s co2 load");
  EXPECT_EQ(names("co2,house=b,zone=r,id=s,other=x"), "b/r/id=s,other=x co2 load");
}

TEST(LineNames, of_several_tags_the_first_of_the_list_is_meant) {
  EXPECT_EQ(names("m,location=l,room=r,host=h,sensor=s"), "/r/s m load");
  EXPECT_EQ(names("m,zone=z,location=l,host=h,device_id=d"), "/l/d m load");
  EXPECT_EQ(names("m,room=r,id=3,device=d,sensor=s", former()), "/r/s m load");
  EXPECT_EQ(names("m,room=r,id=3,device=d,sensor=s"), "/r/device=d,id=3,sensor=s m load");
}

TEST(LineNames, names_are_unescaped) {
  EXPECT_EQ(names(R"(a\ b,room=the\ \,room,sensor=s\=1)"), "/the ,room/s=1 a b load");
  EXPECT_EQ(names(R"(m,room=C:\dir,sensor=s)"), R"(/C:\dir/s m load)");
}

TEST(LineNames, what_cannot_be_told_is_refused) {
  EXPECT_EQ(names("m,sensor=s"), "room_missing");
  EXPECT_EQ(names("m"), "room_missing");
  EXPECT_EQ(names("m,room=r"), "sensor_missing");
  EXPECT_EQ(names("cpu,cpu=cpu0,host=server"), "room_missing");
}

TEST(LineNames, the_device_map_knows_rooms) {
  EXPECT_EQ(names("m,device=aa:bb"), "north/lab/aa:bb m load");
  EXPECT_EQ(names("m,device=aa:bb,building=b"), "b/lab/aa:bb m load");
  // A room in the line goes before the map's, and takes no building from it.
  EXPECT_EQ(names("m,device=aa:bb,room=r"), "/r/aa:bb m load");
  EXPECT_EQ(names("m,device=bath_level"), "home/bath/bath_level water_level load");
}

// Any tag may be the device; the rows are those of devices().
TEST(LineNames, under_current_rules_any_tag_is_looked_up_in_the_device_map) {
  EXPECT_EQ(names("m,device=x,probe=aa:bb"), "north/lab/device=x,probe=aa:bb m load");
  EXPECT_EQ(names("m,device=x,probe=aa:bb", former()), "room_missing");
  EXPECT_EQ(names("m,host=pi,topic=bath_level"), "home/bath/host=pi,topic=bath_level water_level load");
  EXPECT_EQ(names("m,host=pi,ip=bath_level"), "home/bath/pi water_level load");
  // Lines without tags: the measurement, which is then the sensor as well.
  EXPECT_EQ(names("bath_level"), "home/bath/bath_level water_level load");
  EXPECT_EQ(names("bath_level", former()), "room_missing");
  EXPECT_EQ(names("bath_level,room=r"), "/r/bath_level water_level load");
  // A tag that describes, and no other: it is the sensor.
  EXPECT_EQ(names("m,ip=aa:bb"), "north/lab/aa:bb m load");
  // What names the sensor goes first, in the order of its tags; then every other tag; then the measurement.
  EXPECT_EQ(names("m,sensor=aa:bb,topic=bath_level"), "north/lab/aa:bb m load");
  EXPECT_EQ(names("m,sensor=aa:bb,device=bath_level"), "north/lab/device=bath_level,sensor=aa:bb m load");
  EXPECT_EQ(names("bath_level,sensor=s,topic=aa:bb"), "north/lab/s bath_level load");
}

TEST(LineNames, two_tags_that_name_devices_in_different_places_are_refused) {
  EXPECT_EQ(names("m,sensor=s,topic=aa:bb,chip=bath_level"), "room_missing");
  EXPECT_EQ(names("m,sensor=s,topic=aa:bb,chip=aa:bb"), "north/lab/chip=aa:bb,sensor=s m load");
  EXPECT_EQ(names("m,sensor=s,topic=aa:bb,chip=bath_level,room=r"), "/r/chip=bath_level,sensor=s m load");
  ingest::LineSeries series;
  MadeNames made;
  ASSERT_EQ(series.read("m,sensor=s,topic=aa:bb,chip=bath_level"), ingest::LineFault::none);
  const auto refused = refusal_of(names_of(series, {}, devices(), made), {});
  EXPECT_TRUE(refused.detail.contains("topic and chip name two devices")) << refused.detail;
}

TEST(LineNames, under_a_sensors_token_the_tag_that_is_its_id_is_the_sensor) {
  ingest::LineSeries series;
  MadeNames made;
  ASSERT_EQ(series.read("m,device=x,id=3,mac=s7,room=s8"), ingest::LineFault::none);
  EXPECT_EQ(names_of(series, {}, {}, made, "s7").sensor, "s7");
  EXPECT_EQ(names_of(series, {}, {}, made, "s7").sensor_from, "mac");
  EXPECT_EQ(names_of(series, {}, {}, made, "3").sensor, "3");
  EXPECT_EQ(names_of(series, {}, {}, made, "s8").sensor, "device=x,id=3,mac=s7");  // that is the room
  EXPECT_EQ(names_of(series, {}, {}, made, "other").sensor, "device=x,id=3,mac=s7");
  EXPECT_EQ(names_of(series, former(), {}, made, "s7").sensor, "x");
  ASSERT_EQ(series.read("°C,domain=sensor,entity_id=e,area=r,mac=s7"), ingest::LineFault::none);
  EXPECT_EQ(names_of(series, {}, {}, made, "s7").sensor, "s7");
  EXPECT_TRUE(names_of(series, {}, {}, made, "s7").home_assistant);
}

TEST(LineNames, home_assistants_measurement_is_a_unit) {
  const std::string tags = ",domain=sensor,area=r,entity_id=";
  EXPECT_EQ(names("°C" + tags + "e"), "/r/e temperature°C -");
  EXPECT_EQ(names("°F" + tags + "e"), "/r/e temperature°F -");
  EXPECT_EQ(names("K" + tags + "e"), "/r/e temperatureK -");
  EXPECT_EQ(names("hPa" + tags + "e"), "/r/e pressurehPa -");
  EXPECT_EQ(names("%" + tags + "hall_humidity"), "/r/hall_humidity humidity -");
  EXPECT_EQ(names("%" + tags + "phone_battery"), "/r/phone_battery % -");
  EXPECT_EQ(names("ppm" + tags + "hall_co2"), "/r/hall_co2 co2 -");
  EXPECT_EQ(names("ppm" + tags + "voc"), "/r/voc ppm -");
  EXPECT_EQ(names("sensor.lux" + tags + "lux"), "/r/lux sensor.lux -");
  // Its entity is the sensor, whatever else is said.
  EXPECT_EQ(names("°C" + tags + "e,friendly_name=Hall,source=HA,host=pi"), "/r/e temperature°C -");
}

TEST(LineNames, home_assistants_rooms_come_from_the_device_map) {
  EXPECT_EQ(names("°C,domain=sensor,entity_id=hall_temperature"), "/hall/hall_temperature temperature°C -");
  EXPECT_EQ(names("°C,domain=climate,entity_id=hall_temperature"), "room_missing");
  EXPECT_EQ(names("cm,domain=sensor,entity_id=bath_level"), "home/bath/bath_level water_level -");
}

TEST(LineNames, rules_can_be_others) {
  LineRules rules;
  rules.room_tags = {"raum"};
  rules.sensor_tags = {"geber"};
  rules.home_assistant = false;
  EXPECT_EQ(names("m,raum=r,geber=g", rules), "/r/g m load");
  EXPECT_EQ(names("m,room=r,geber=g", rules), "room_missing");
  EXPECT_EQ(names("°C,domain=sensor,entity_id=e,raum=r,geber=g", rules), "/r/g °C load");
}

TEST(LineNames, a_refusal_says_what_is_missing) {
  const LineRules rules;
  ingest::LineSeries series;
  MadeNames made;
  ASSERT_EQ(series.read("m,device=d7"), ingest::LineFault::none);
  const auto room = refusal_of(names_of(series, rules, devices(), made), rules);
  EXPECT_TRUE(room.detail.contains("room, room_id, area") && room.detail.contains("\"d7\"")) << room.detail;
  ASSERT_EQ(series.read("m,room=r"), ingest::LineFault::none);
  const auto sensor = refusal_of(names_of(series, rules, devices(), made), rules);
  EXPECT_TRUE(sensor.detail.contains("sensor, sensor_id, device")) << sensor.detail;
}

TEST(LineRules, names_of_a_flag) {
  EXPECT_EQ(split("a,b_c"), (std::vector<std::string>{"a", "b_c"}));
  EXPECT_EQ(split(",a,,b,"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(split("").empty());
  EXPECT_EQ(joined({"a", "b"}), "a,b");
}

}  // namespace
}  // namespace temperature::mapping
