#include "mapping/sensor_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

namespace temperature::mapping {
namespace {

std::string sensor_of(const std::string& series, const LineRules& rules = {}, std::string_view sensor_id = {}) {
  ingest::LineSeries taken_apart;
  EXPECT_EQ(taken_apart.read(series), ingest::LineFault::none) << series;
  MadeNames made;
  return std::string(sensor_name(read_tags(taken_apart, rules, sensor_id, made), rules, made).name);
}

// A name that is blanks alone means nothing, and stays.
std::string_view without_blanks_around(std::string_view name) {
  const std::size_t first = name.find_first_not_of(' ');
  return first == std::string_view::npos ? name : name.substr(first, name.find_last_not_of(' ') + 1 - first);
}

LineRules by_former_rules() {
  LineRules rules;
  rules.reading_rules = ReadingRules::former;
  return rules;
}

struct NamedSeries {
  const char* series;
  const char* former;
  const char* current;
};

// As the senders write them; `room` is added where the place is not theirs to know.
constexpr NamedSeries kNamedSeries[] = {
    // Telegraf: inputs.sensors, temp, mqtt_consumer, snmp, smart.
    {"sensors,chip=coretemp-isa-0000,feature=core_0,host=pi,room=rack", "pi",
     "chip=coretemp-isa-0000,feature=core_0,host=pi"},
    {"sensors,chip=coretemp-isa-0000,feature=core_1,host=pi,room=rack", "pi",
     "chip=coretemp-isa-0000,feature=core_1,host=pi"},
    {"temp,host=pi,sensor=coretemp_core_0,room=rack", "coretemp_core_0", "coretemp_core_0"},
    {"mqtt_consumer,host=pi,topic=home/kitchen/s1,room=kitchen", "pi", "host=pi,topic=home/kitchen/s1"},
    {"mqtt_consumer,host=pi,topic=home/kitchen/s1,room=kitchen,sensor=s1", "s1", "s1"},
    {"snmp,agent_host=10.0.0.1,host=pi,name=inlet,room=rack", "pi", "agent_host=10.0.0.1,host=pi,name=inlet"},
    // Tasmota: two probes of one device.
    {"environment,device=X,sensor=ds18b20,id=01191ED79190,room=r", "ds18b20",
     "device=X,id=01191ED79190,sensor=ds18b20"},
    {"environment,device=X,sensor=ds18b20,id=0119233D7890,room=r", "ds18b20",
     "device=X,id=0119233D7890,sensor=ds18b20"},
    {"environment,device=tasmota_1,sensor=bme280,room=r", "bme280", "device=tasmota_1,sensor=bme280"},
    // zigbee2mqtt by Telegraf or Node-RED.
    {"zigbee,device=0x00158d0001a2b3c4,friendly_name=Hall,linkquality=120,topic=zigbee2mqtt/Hall,room=r",
     "0x00158d0001a2b3c4", "0x00158d0001a2b3c4"},
    {"zigbee,friendly_name=Hall,room=r", "", "friendly_name=Hall"},
    // ESPHome, and sketches for ESP boards.
    {"environment,device=esp-hall,version=2024.1,ip=10.0.0.7,rssi=-61,ssid=home,room=r", "esp-hall", "esp-hall"},
    {"wifi,device=ESP8266,SSID=home,RSSI=-70,room=r", "ESP8266", "ESP8266"},
    // openHAB, ioBroker, vzlogger, rtl_433, Home Assistant.
    {"Hall_Temperature,item=Hall_Temperature,room=r", "", "item=Hall_Temperature"},
    {"hm-rpc.0.NEQ1.1.TEMPERATURE", "", ""},
    {"power,uuid=4a5b,room=r", "", "uuid=4a5b"},
    {"Acurite-Tower,id=1234,channel=A,mic=CHECKSUM,room=r", "1234", "channel=A,id=1234"},
    {"°C,domain=sensor,entity_id=hall,friendly_name=Hall,host=pi,room=r", "hall", "hall"},
    // Nothing but what names nothing.
    {"m,room=r,building=b,unit=C,firmware=1,status=ok", "", ""},
    {"m,room=r,zone=2,sensor=s", "s", "s"},
    {"m,room=r,sensor=s,unit_of_measurement=F", "s", "s"},
};

TEST(SensorName, by_both_rules) {
  for (const NamedSeries& each : kNamedSeries) {
    EXPECT_EQ(sensor_of(each.series, by_former_rules()), each.former) << each.series;
    EXPECT_EQ(sensor_of(each.series), each.current) << each.series;
  }
}

TEST(SensorName, the_order_of_tags_does_not_matter) {
  EXPECT_EQ(sensor_of("m,a=1,sensor=s,Z=2"), "Z=2,a=1,sensor=s");
  EXPECT_EQ(sensor_of("m,Z=2,sensor=s,a=1"), "Z=2,a=1,sensor=s");
}

TEST(SensorName, keys_and_values_are_escaped) {
  EXPECT_EQ(sensor_of(R"(m,sensor=s\ 1,a\,b=c\=d)"), R"(a\,b=c\=d,sensor=s 1)");
  EXPECT_EQ(sensor_of(R"(m,sensor=C:\dir,a=1)"), R"(a=1,sensor=C:\\dir)");
  // Alone it is as it is: who reads such a name back can write it.
  EXPECT_EQ(sensor_of(R"(m,sensor=a\=1\,sensor\=s)"), "a=1,sensor=s");
}

TEST(SensorName, its_parts_are_the_names_that_are_meant) {
  const std::string meant = "device=K\u00fcche,id=1";
  for (const char* series : {"m,device=K\u00fcche,id=1", "m,device=Ku\u0308che,id=1",
                             "m,device=\\ K\u00fcche\t,id=1\\ ", "m,device=\"K\u00fcche\u00a0\",id=\"1\""}) {
    EXPECT_EQ(sensor_of(series), meant) << series;
  }
  EXPECT_EQ(sensor_of("m,device=a\u200b,id=1"), "device=a\u200b,id=1") << "refused by its name";
  LineRules former = by_former_rules();
  EXPECT_EQ(sensor_of("m,device=\"K\u00fcche\",id=1", former), "\"K\u00fcche\"");
}

TEST(SensorName, given_tags_alone_name_it) {
  LineRules rules;
  rules.sensor_tags = {"probe", "host", "status"};
  EXPECT_EQ(sensor_of("m,device=d,probe=p,room=r", rules), "p");
  EXPECT_EQ(sensor_of("m,device=d,probe=p,host=h,status=x", rules), "host=h,probe=p,status=x");
  EXPECT_EQ(sensor_of("m,device=d", rules), "");
  rules.reading_rules = ReadingRules::former;
  EXPECT_EQ(sensor_of("m,device=d,probe=p,host=h", rules), "p");
  rules.sensor_tags = {"room"};
  EXPECT_EQ(sensor_of("m,room=r", rules), "r");
  rules.reading_rules = ReadingRules::current;
  EXPECT_EQ(sensor_of("m,room=r", rules), "r");
}

// Two lines with other naming tags never have one name: tags with every awkward byte, thousands of them, and each name
// is of one set of tags.
TEST(SensorName, different_tags_make_different_names) {
  std::mt19937 random(17);
  const std::string bytes = "ab,=\\ ";
  const auto text = [&] {
    std::string made;
    for (std::size_t i = 1 + random() % 3; i > 0; --i) made.push_back(bytes[random() % bytes.size()]);
    return made;
  };
  const auto in_a_line = [](const std::string& meant) {
    std::string written;
    for (const char c : meant) {
      if (c == ',' || c == '=' || c == ' ') written.push_back('\\');
      written.push_back(c);
    }
    return written;
  };
  std::map<std::string, std::map<std::string, std::string>> tags_of;
  std::size_t sets = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    std::map<std::string, std::string> tags{{"device", text()}};
    while (tags.size() < 2 + i % 2) tags[text()] = text();
    const bool ends_in_backslash = std::ranges::any_of(
        tags, [](const auto& tag) { return tag.first.ends_with('\\') || tag.second.ends_with('\\'); });
    if (ends_in_backslash) continue;  // such a name cannot be written in line protocol
    std::string series = "m";
    for (const auto& [key, value] : tags) series += "," + in_a_line(key) + "=" + in_a_line(value);
    ingest::LineSeries taken_apart;
    ASSERT_EQ(taken_apart.read(series), ingest::LineFault::none) << series;
    MadeNames made;
    std::map<std::string, std::string> meant;
    const MeantTags read = read_tags(taken_apart, {}, {}, made);
    for (const MeantTag& tag : read) meant.emplace(tag.key, without_blanks_around(tag.value));
    const auto [at, is_new] = tags_of.try_emplace(std::string(sensor_name(read, {}, made).name), meant);
    EXPECT_EQ(at->second, meant) << at->first;
    sets += is_new ? 1 : 0;
  }
  EXPECT_GT(sets, 5'000U);
}

TEST(UnusedTags, are_those_that_no_name_was_taken_from) {
  const std::string line = "sensors,chip=a,feature=b,host=pi,room=r,zone=z,building=h,version=1 value=1 7";
  EXPECT_EQ(unused_tags(line, by_former_rules(), {}, 100), "chip=a, feature=b, zone=z, version=1");
  EXPECT_EQ(unused_tags(line, {}, {}, 100), "zone=z, version=1");
  EXPECT_EQ(unused_tags("m,device=d,host=h,mac=s7,unit=C value=1", {}, {}, 100), "host=h");
  EXPECT_EQ(unused_tags("m,device=d,host=h,mac=s7 value=1", {}, "s7", 100), "device=d, host=h");
  EXPECT_EQ(unused_tags("°C,domain=sensor,entity_id=e,room=r,source=x value=1", {}, {}, 100),
            "domain=sensor, source=x");
  EXPECT_EQ(unused_tags("m,room=r,sensor=s value=1", {}, {}, 100), "");
  EXPECT_EQ(unused_tags("m,room", {}, {}, 100), "");
  EXPECT_EQ(unused_tags("", {}, {}, 100), "");
}

TEST(UnusedTags, are_cut_between_characters) {
  EXPECT_EQ(unused_tags("m,sensor=s,status=0123456789 v=1", {}, {}, 17), "status=0123456789");
  EXPECT_EQ(unused_tags("m,sensor=s,status=0123456789 v=1", {}, {}, 16), "status=012345...");
  EXPECT_EQ(unused_tags("m,sensor=s,status=ääääää v=1", {}, {}, 15), "status=ää...");
}

TEST(DescribingTags, are_sorted) {
  EXPECT_TRUE(std::ranges::is_sorted(kDescribingTags));
  EXPECT_TRUE(std::ranges::is_sorted(kSecondChoiceTags));
}

}  // namespace
}  // namespace temperature::mapping
