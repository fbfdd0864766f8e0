#include "mapping/line_units.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mapping/line_mapper.h"
#include "mapping/series_cache.h"

namespace temperature::mapping {
namespace {

class LineUnits : public ::testing::Test {
 protected:
  // What a body becomes: "quantity value unit", a "~" where the unit may be another field's; then "! code" of what is
  // refused. Each twice: at first sight, and known by its bytes.
  std::string map(const std::string& body) {
    const std::string first = map_once(body);
    EXPECT_EQ(map_once(body), first) << body;
    return first;
  }

  std::string map_once(const std::string& body) {
    if (parsed_.taken != nullptr) parsed_.taken->assign(parsed_.taken->size(), true);
    mapper_.keep_taken();
    const auto mapped = mapper_.map(body, Precision::milliseconds, parsed_);
    if (!mapped) return std::string(traits(mapped.error().code).code);
    passed_over_ = *mapped;
    std::string text;
    for (const auto& reading : parsed_.readings) {
      std::string value = std::to_string(reading.value);
      value.erase(value.find_last_not_of('0') + 1);
      if (value.ends_with('.')) value.pop_back();
      text += (text.empty() ? "" : "; ") + std::string(reading.quantity) + " " + value;
      if (!reading.unit.empty()) text += " " + std::string(reading.unit);
      if (reading.unit_shared) text += "~";
    }
    for (const auto& rejected : parsed_.rejected) {
      text += (text.empty() ? "! " : "; ! ") + std::string(traits(rejected.error.code).code);
      detail_ = rejected.error.detail;
    }
    return text;
  }

  LineRules rules_;
  DeviceMaps maps_;
  LineMapper mapper_{rules_, maps_};
  ingest::Parsed parsed_;
  FieldsPassedOver passed_over_;
  std::string detail_;
};

TEST_F(LineUnits, come_from_a_tag_or_a_field) {
  for (const std::string key : {"unit", "units", "unit_of_measurement", "unit_of_measurement_str"}) {
    EXPECT_EQ(map("temperature,room=r,sensor=s," + key + "=°F value=72"), "temperature 72 °F") << key;
    EXPECT_EQ(map("temperature,room=r,sensor=s value=72," + key + "=\"°F\""), "temperature 72 °F") << key;
    EXPECT_EQ(map("temperature,room=r,sensor=s " + key + "=\"deg F\",value=72"), "temperature 72 °F") << key;
  }
  EXPECT_EQ(map(R"(temperature,room=r,sensor=s,unit=deg\ F value=72)"), "temperature 72 °F");
  EXPECT_EQ(map("m,room=r,sensor=s,unit=kW power=1.5"), "power 1.5 kW");
  EXPECT_EQ(map("pressure,room=r,sensor=s value=29.92,unit=\"inHg\""), "pressure 29.92 inHg");
  EXPECT_EQ(map("temperature,room=r,sensor=s value=21,unit=\"\""), "temperature 21");
  EXPECT_EQ(passed_over_.texts, 0U);
  EXPECT_EQ(map("temperature,room=r,sensor=s value=21,note=\"°F\",uptime=\"3d\""), "temperature 21");
  EXPECT_EQ(passed_over_.texts, 2U);
}

// A line's readings are of that line's unit, whatever the line before said.
TEST_F(LineUnits, of_a_field_are_of_its_line_alone) {
  EXPECT_EQ(map("temperature,room=r,sensor=s value=72,unit=\"°F\" 1\ntemperature,room=r,sensor=s value=22 2\n"
                "temperature,room=r,sensor=s value=300,unit=\"K\" 3"),
            "temperature 72 °F; temperature 22; temperature 300 K");
  for (const auto& reading : parsed_.readings) {
    EXPECT_EQ(reading.memo == nullptr, !reading.unit.empty()) << "a memo is of one unit";
  }
  EXPECT_EQ(map("temperature,room=r,sensor=s,unit=°F value=72"), "temperature 72 °F");
  EXPECT_NE(parsed_.readings[0].memo, nullptr) << "a tag is of every line";
}

TEST_F(LineUnits, are_those_that_keys_name) {
  EXPECT_EQ(map("m,room=r,sensor=s temperature_F=72,pressure_inHg=29.92,rh=40"),
            "temperature 72 °F; pressure 29.92 inHg; humidity 40");
  EXPECT_EQ(map("tempf,room=r,sensor=s value=72"), "temperature 72 °F");
  EXPECT_EQ(map("m,room=r,sensor=s,unit=°F temperature_F=72"), "temperature 72 °F");
}

TEST_F(LineUnits, that_contradict_each_other_are_refused) {
  EXPECT_EQ(map("temperature,room=r,sensor=s,unit=°C value=72,units=\"°F\""), "! unit_mismatch");
  EXPECT_NE(detail_.find("°C"), std::string::npos);
  EXPECT_NE(detail_.find("°F"), std::string::npos);
  EXPECT_EQ(map("temperature,room=r,sensor=s,unit=°C,units=K value=72,humidity=4"), "! unit_mismatch");
  EXPECT_EQ(map("m,room=r,sensor=s,unit=°C temperature_F=72"), "! unit_mismatch");
  EXPECT_EQ(map("m,room=r,sensor=s temperature_F=72,unit=\"celsius\""), "! unit_mismatch");
  EXPECT_EQ(map("m,room=r,sensor=s pressure_hPa=1013,unit=\"°F\""), "! unit_mismatch");
  EXPECT_EQ(map("°C,domain=sensor,entity_id=e,area=r value=20,unit_of_measurement_str=\"°F\""), "! unit_mismatch");
  // Then no other field says for sure what the quantity is.
  EXPECT_EQ(map("m,room=r,sensor=s,unit=°F temperature=-15.46,TempC=-273.15"), "! unit_mismatch");
  EXPECT_EQ(map("m,room=r,sensor=s TempC=-273.15,temperature=-15.46,rssi=3,unit=\"°F\""),
            "rssi 3 °F~; ! unit_mismatch");
  // Two ways to write one unit are one.
  EXPECT_EQ(map("temperature,room=r,sensor=s,unit=F value=72,units=\"°F\""), "temperature 72 °F");
}

// Whether the quantity can have that unit is for the acceptor to say; which quantity a unit is of, nobody says here.
TEST_F(LineUnits, of_lines_with_several_readings) {
  EXPECT_EQ(map("m,room=r,sensor=s,unit=°F temperature=72,humidity=40,rssi=-60"),
            "temperature 72 °F; humidity 40 °F; rssi -60 °F~");
  EXPECT_EQ(map("m,room=r,sensor=s temperature=72,rssi=-60,unit=\"°F\""), "temperature 72 °F; rssi -60 °F~");
  EXPECT_EQ(map("m,room=r,sensor=s,unit=°F tempf=72,pressure_hPa=1013"), "temperature 72 °F; pressure 1013 hPa");
  EXPECT_EQ(map("m,room=r,sensor=s,unit=W value=3,rssi=-60"), "m 3 W; rssi -60 W~");
}

TEST_F(LineUnits, that_nobody_knows_are_counted) {
  EXPECT_EQ(map("m,room=r,sensor=s,unit=lx value=3,other=4"), "m 3; other 4");
  EXPECT_EQ(passed_over_.units, 2U);
  EXPECT_EQ(passed_over_.unit, "lx");
  EXPECT_EQ(map("temperature,room=r,sensor=s value=3,unit=\"Rankine\""), "temperature 3");
  EXPECT_EQ(passed_over_.units, 1U);
  EXPECT_EQ(map("temperature,room=r,sensor=s value=3"), "temperature 3");
  EXPECT_EQ(passed_over_.units, 0U);
}

TEST_F(LineUnits, of_home_assistant_are_its_measurements) {
  EXPECT_EQ(map("°F,domain=sensor,entity_id=e,area=r value=72,friendly_name_str=\"unit\""), "temperature 72 °F");
  EXPECT_EQ(map("kWh,domain=sensor,entity_id=e,area=r value=72"), "kWh 72");
  EXPECT_EQ(map("temperature,domain=sensor,entity_id=e,area=r value=72,battery=5,unit_of_measurement_str=\"°F\""),
            "temperature 72 °F");
}

TEST_F(LineUnits, may_be_said_by_other_tags_or_none) {
  LineRules rules;
  rules.unit_tags = {"einheit"};
  LineMapper mapper(rules, maps_);
  ingest::Parsed parsed;
  ASSERT_TRUE(mapper.map("temperature,room=r,sensor=s,einheit=°F,unit=K value=72", Precision::milliseconds, parsed));
  EXPECT_EQ(parsed.readings.at(0).unit, "°F");
  LineRules none;
  none.unit_tags.clear();
  LineMapper deaf(none, maps_);
  ASSERT_TRUE(deaf.map("temperature,room=r,sensor=s,unit=°F value=72,units=\"K\"", Precision::milliseconds, parsed));
  EXPECT_EQ(parsed.readings.at(0).unit, "");
}

TEST_F(LineUnits, and_keys_mean_nothing_in_a_folder_of_before) {
  LineRules former;
  former.reading_rules = ReadingRules::former;
  LineMapper mapper(former, maps_);
  ingest::Parsed parsed;
  const std::string body = "m,room=r,sensor=s,unit=°F tempf=72,tempc=30,unit=\"K\"";
  for (int turn = 0; turn < 2; ++turn) {
    ASSERT_TRUE(mapper.map(body, Precision::milliseconds, parsed));
    ASSERT_EQ(parsed.readings.size(), 2U);
    EXPECT_EQ(parsed.readings[0].quantity, "tempf");
    EXPECT_EQ(parsed.readings[1].quantity, "tempc");
    EXPECT_EQ(parsed.readings[0].unit, "");
  }
}

TEST_F(LineUnits, of_several_keys_for_one_quantity_its_own_counts) {
  EXPECT_EQ(map("m,room=r,sensor=s tempf=72,tempc=22.2"), "temperature 22.2 °C");
  EXPECT_EQ(passed_over_.numbers, 1U);
  EXPECT_EQ(map("m,room=r,sensor=s tempc=22.2,tempf=72"), "temperature 22.2 °C");
  EXPECT_EQ(map("m,room=r,sensor=s temperature=22.2,tempf=72,rssi=-60"), "temperature 22.2; rssi -60");
  EXPECT_EQ(map("temperature,room=r,sensor=s value=22.2,tempf=72"), "temperature 22.2");
  EXPECT_EQ(map("m,room=r,sensor=s tempf=72,temp_k=295.37"), "temperature 72 °F");
  EXPECT_EQ(map("m,room=r,sensor=s pressure_Pa=101325,pressure_hPa=1013.2"), "pressure 1013.2 hPa");
  EXPECT_EQ(map("m,room=r,sensor=s humidity=40,rh=40"), "humidity 40");
  // 22.1 °C is 71.78 °F, 22.3 °C is 72.14 °F: a tenth of a kelvin from 22.2 °C.
  EXPECT_EQ(map("m,room=r,sensor=s tempc=22.2,tempf=71.78"), "temperature 22.2 °C");
  EXPECT_EQ(map("m,room=r,sensor=s tempc=22.2,tempf=72.14"), "temperature 22.2 °C");
}

TEST_F(LineUnits, of_several_keys_that_do_not_agree_none_is_taken) {
  EXPECT_EQ(map("m,room=r,sensor=s tempc=22.2,tempf=72.16,humidity=40"), "humidity 40; ! field_repeated");
  EXPECT_NE(detail_.find("tempc"), std::string::npos) << detail_;
  EXPECT_NE(detail_.find("tempf"), std::string::npos) << detail_;
  EXPECT_EQ(map("m,room=r,sensor=s temperature=72,temp_c=22.2"), "! field_repeated");
  EXPECT_EQ(map("m,room=r,sensor=s tempc=22.2,tempf=72,temp=30"), "! field_repeated");
  EXPECT_EQ(map("m,room=r,sensor=s pressure_Pa=101325,pressure_hPa=1015"), "! field_repeated");
  // The same key twice is what it always was: two readings of one series and moment.
  EXPECT_EQ(map("m,room=r,sensor=s temperature=1,temperature=2"), "temperature 1; temperature 2");
}

// A line whose fields are too many to be kept, or whose series is, comes out the same.
TEST_F(LineUnits, beyond_what_is_kept_come_out_the_same) {
  std::string many = "m,room=r,sensor=s f=0";
  for (std::size_t i = 1; i < limits::kLineFieldsKept; ++i) many += ",f" + std::to_string(i) + "=0";
  for (int turn = 0; turn < 2; ++turn) {
    map_once(many + ",tempf=72,tempc=22.2");
    ASSERT_EQ(parsed_.readings.size(), limits::kLineFieldsKept + 1);
    EXPECT_EQ(parsed_.readings.back().quantity, "temperature");
    EXPECT_EQ(parsed_.readings.back().unit, "°C");
  }
  const std::string room(limits::kLineSeriesBytesMax, 'x');
  EXPECT_EQ(map("m,room=" + room + ",sensor=s,unit=°F tempc=20"), "! unit_mismatch");
  EXPECT_EQ(map("m,room=" + room + ",sensor=s,unit=°F temperature=72"), "temperature 72 °F");
}

}  // namespace
}  // namespace temperature::mapping
