#include "mapping/line_mapper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "mapping/series_cache.h"
#include "model/batch_limits.h"

namespace temperature::mapping {
namespace {

class LineMapperTest : public ::testing::Test {
 protected:
  // What every line became, in order: "building/room/sensor/quantity unit@timestamp=value", or the code.
  std::string map(const std::string& body, Precision precision = Precision::milliseconds,
                  const std::string& sensor_id = "") {
    keep();
    const auto mapped = mapper_.map(body, precision, parsed_, sensor_id);
    if (!mapped) return "error " + std::string(traits(mapped.error().code).code);
    passed_over_ = *mapped;
    std::vector<std::pair<std::uint32_t, std::string>> outcomes;
    for (const auto& reading : parsed_.readings) {
      std::string text;
      for (const auto part : {reading.building, reading.room, reading.sensor, reading.quantity}) {
        text.append(part).append("/");
      }
      text.pop_back();
      text += std::string(reading.unit);
      if (reading.timestamp_ms) text += "@" + std::to_string(*reading.timestamp_ms);
      std::string value = std::to_string(reading.value);
      value.erase(value.find_last_not_of('0') + 1);
      outcomes.emplace_back(reading.index, text + "=" + value);
    }
    for (const auto& rejected : parsed_.rejected) {
      outcomes.emplace_back(rejected.index, std::string(traits(rejected.error.code).code));
    }
    std::ranges::stable_sort(outcomes, {}, &std::pair<std::uint32_t, std::string>::first);
    std::string text;
    for (const auto& [index, outcome] : outcomes) {
      text += (text.empty() ? "" : "; ") + std::to_string(index) + " " + outcome;
    }
    return text;
  }

  // The strings that stood where numbers belong since the test began: "sensor key count".
  [[nodiscard]] std::vector<std::string> no_numbers() const {
    std::vector<std::string> texts;
    for (const PassedOverField& field : mapper_.passed_over().all()) {
      if (field.reason != PassedOverReason::no_number) continue;
      texts.push_back(field.sensor + " " + field.key + " " + std::to_string(field.count));
    }
    std::ranges::sort(texts);
    return texts;
  }

  // As if all lines of the body before had been taken.
  void keep() {
    if (parsed_.taken != nullptr) parsed_.taken->assign(parsed_.taken->size(), true);
    mapper_.keep_taken();
  }

  LineRules rules_;
  DeviceMaps maps_;
  LineMapper mapper_{rules_, maps_};
  ingest::Parsed parsed_;
  FieldsPassedOver passed_over_;
};

TEST_F(LineMapperTest, every_number_is_a_reading) {
  EXPECT_EQ(map("temperature,room=r,sensor=s value=1.5 7"), "0 /r/s/temperature@7=1.5");
  EXPECT_EQ(map("air,building=b,room=r,sensor=s temperature=20,humidity=41i,co2=600u 7"),
            "0 b/r/s/temperature@7=20.; 0 b/r/s/humidity@7=41.; 0 b/r/s/co2@7=600.");
  EXPECT_EQ(map("m,room=r,sensor=s value=1"), "0 /r/s/m=1.");
  EXPECT_EQ(map(R"(m,room=r,sensor=s a\ b=1)"), "0 /r/s/a b=1.");
}

TEST_F(LineMapperTest, texts_and_booleans_are_passed_over_and_counted) {
  EXPECT_EQ(map("m,room=r,sensor=s a=\"x\",b=t,c=1,d=f,e=\"y\",f=\"z\""), "0 /r/s/c=1.");
  EXPECT_EQ(passed_over_.texts, 3U);
  EXPECT_EQ(passed_over_.booleans, 2U);
  // No number, so nothing that needs a room.
  EXPECT_EQ(map("event text=\"started\""), "");
  EXPECT_EQ(parsed_.rejected_count, 0U);
}

TEST_F(LineMapperTest, fields_that_the_flag_leaves_out_are_no_readings) {
  rules_.fields = *LineFields::parse("!uptime,!wifi_*,!temperature");
  for (int round = 0; round < 2; ++round) {  // a series is known by its bytes the second time
    EXPECT_EQ(map(R"(m,room=r,sensor=s uptime=1,a=2,wifi_rssi=-60,wifi_bad=nan,temperature="20",unit="°C",b=t)"),
              "0 /r/s/a°C=2.");
    EXPECT_TRUE(parsed_.readings.at(0).unit_shared);  // it may be that of the temperature
    EXPECT_EQ(passed_over_.left_out, 3U);
    EXPECT_EQ(passed_over_.texts, 1U);
    EXPECT_EQ(passed_over_.booleans, 1U);
  }
  // Nothing is left that would need a room.
  EXPECT_EQ(map("m uptime=1"), "");
  EXPECT_EQ(map("m uptime=1,a=1"), "0 room_missing");
  EXPECT_EQ(parsed_.rejected_count, 1U);
  const auto noted = mapper_.passed_over().all();
  const auto rssi = std::ranges::find(noted, "wifi_rssi", &PassedOverField::key);
  ASSERT_NE(rssi, noted.end());
  EXPECT_EQ(rssi->reason, PassedOverReason::left_out);
  EXPECT_EQ(rssi->count, 2U);
}

TEST_F(LineMapperTest, fields_that_the_flag_names_alone_are_readings_and_units_still_count) {
  rules_.fields = *LineFields::parse("temperature,hum*");
  EXPECT_EQ(
      map(R"(m,room=r,sensor=s a=1,temperature=70,humidity=40,unit="F")"),
      "0 /r/s/temperature°F=70.; 0 /r/s/humidity°F=40.");  // the acceptor refuses the humidity, as without the flag
  EXPECT_EQ(map("co2,room=r,sensor=s value=1"), "");
}

TEST_F(LineMapperTest, a_number_in_quotes_counts_where_a_number_belongs) {
  EXPECT_EQ(map(R"(temperature,room=r,sensor=s value="21.5")"), "0 /r/s/temperature=21.5");
  EXPECT_EQ(map(R"(m,room=r,sensor=s temperature=" 21.5 ",humidity="4e1",pressure="1013",co2="-1",version="1.2")"),
            "0 /r/s/temperature=21.5; 0 /r/s/humidity=40.; 0 /r/s/pressure=1013.; 0 /r/s/co2=-1.");
  EXPECT_EQ(passed_over_.texts, 1U);
  EXPECT_EQ(no_numbers(), (std::vector<std::string>{}));
}

TEST_F(LineMapperTest, a_string_that_is_no_number_harms_nothing) {
  EXPECT_EQ(map("m,room=r,sensor=s value=\"ON\",temperature=\"21,5\",humidity=\"\",co2=\"nan\",pressure=5\n"
                "m,room=r,sensor=t value=\"1e999\""),
            "0 /r/s/pressure=5.");
  EXPECT_EQ(parsed_.rejected_count, 0U);
  EXPECT_EQ(passed_over_.texts, 5U);
  EXPECT_EQ(no_numbers(),
            (std::vector<std::string>{"s co2 1", "s humidity 1", "s temperature 1", "s value 1", "t value 1"}));
  // A line that has only strings needs no room, as ever.
  EXPECT_EQ(map("m,sensor=s value=\"21.5\",temperature=\"x\""), "");
  EXPECT_EQ(passed_over_.texts, 2U);
  EXPECT_EQ(no_numbers().size(), 5U);
}

TEST_F(LineMapperTest, a_bad_number_costs_itself_alone) {
  for (const char* bad : {"nan", "NaN", "-inf", "+Inf", "1e999", "9223372036854775808i", "ovf", "null"}) {
    EXPECT_EQ(map("m,room=r,sensor=s temperature=21.5,humidity=" + std::string(bad) + ",co2=5 7"),
              "0 /r/s/temperature@7=21.5; 0 /r/s/co2@7=5.; 0 value_invalid")
        << bad;
    EXPECT_EQ(parsed_.rejected_count, 1U);
    EXPECT_TRUE(parsed_.rejected.at(0).error.detail.contains("\"humidity\"")) << parsed_.rejected.at(0).error.detail;
    EXPECT_TRUE(parsed_.rejected.at(0).error.detail.contains(bad)) << parsed_.rejected.at(0).error.detail;
  }
  EXPECT_EQ(map("m,room=r,sensor=s a=nan,b=inf"), "0 value_invalid; 0 value_invalid");
  EXPECT_EQ(map("m,room=r,sensor=s a=1,b=warm"), "0 malformed_line");
  EXPECT_EQ(map("m,sensor=s a=nan,b=inf"), "0 room_missing");
  EXPECT_EQ(map("°C,domain=sensor,entity_id=e,area=r value=20,battery=nan"), "0 /r/e/temperature°C=20.");
  EXPECT_EQ(passed_over_.numbers, 1U);
}

TEST_F(LineMapperTest, sensors_that_differ_in_any_naming_tag_are_two) {
  EXPECT_EQ(map("m,room=r,device=d,sensor=ds18b20,id=A value=1\nm,room=r,device=d,sensor=ds18b20,id=B value=2"),
            "0 /r/device=d,id=A,sensor=ds18b20/m=1.; 1 /r/device=d,id=B,sensor=ds18b20/m=2.");
}

TEST_F(LineMapperTest, one_senders_token_does_not_name_anothers_sensor) {
  const std::string body = "m,room=r,device=d,mac=s7 value=1\nm,room=r,sensor=s7 value=2";
  const std::string general = "0 /r/device=d,mac=s7/m=1.; 1 /r/s7/m=2.";
  const std::string own = "0 /r/s7/m=1.; 1 /r/s7/m=2.";
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(map(body), general);
    EXPECT_EQ(map(body, Precision::milliseconds, "s7"), own);
    EXPECT_EQ(parsed_.readings.at(0).memo, nullptr);  // it would be the other series'
    EXPECT_NE(parsed_.readings.at(1).memo, nullptr);
    EXPECT_EQ(map(body, Precision::milliseconds, "d"), "0 /r/d/m=1.; 1 /r/s7/m=2.");
  }
}

TEST_F(LineMapperTest, of_home_assistant_only_value_is_taken) {
  EXPECT_EQ(map("°C,domain=sensor,entity_id=e,area=r value=20,battery=90,state=\"on\" 7"),
            "0 /r/e/temperature°C@7=20.");
  EXPECT_EQ(passed_over_.numbers, 1U);
  EXPECT_EQ(passed_over_.texts, 1U);
}

TEST_F(LineMapperTest, good_lines_around_a_bad_one_are_kept) {
  EXPECT_EQ(map("m,room=r,sensor=s value=1\nm,room=r,sensor=s value=?\nm,room value=1\nm,sensor=s value=2\n"
                "m,room=r value=3\n\n# comment\nm,room=r,sensor=s value=4"),
            "0 /r/s/m=1.; 1 malformed_line; 2 malformed_line; 3 room_missing; 4 sensor_missing; 7 /r/s/m=4.");
  EXPECT_EQ(parsed_.rejected_count, 4U);
  EXPECT_EQ(parsed_.rejected_by_code[std::to_underlying(ErrorCode::malformed_line)], 2U);
  EXPECT_EQ(parsed_.rejected.at(0).text, "m,room=r,sensor=s value=?");
  EXPECT_EQ(parsed_.rejected.at(2).text, "m,sensor=s value=2");
  // A line is refused once, however many fields it has.
  EXPECT_EQ(map("m,sensor=s a=1,b=2,c=3"), "0 room_missing");
}

TEST_F(LineMapperTest, what_is_known_stays_the_same) {
  const std::string body =
      "m,room=r1,sensor=a x=1,y=2 1\nm,room=r2,sensor=b x=3 2\nm,room=r1,sensor=a y=4,x=5,z=6 3\n"
      "m,room=r1,sensor=a z=7 4\nm,room=r3,sensor=c x=8 5\n";
  const std::string want =
      "0 /r1/a/x@1=1.; 0 /r1/a/y@1=2.; 1 /r2/b/x@2=3.; 2 /r1/a/y@3=4.; 2 /r1/a/x@3=5.; 2 /r1/a/z@3=6.; "
      "3 /r1/a/z@4=7.; 4 /r3/c/x@5=8.";
  for (int turn = 0; turn < 3; ++turn) EXPECT_EQ(map(body), want);
  EXPECT_EQ(map("m,room=r3,sensor=c x=1\nm,room=r1,sensor=a x=2"), "0 /r3/c/x=1.; 1 /r1/a/x=2.");
}

// What a memo says is good for one series alone.
TEST_F(LineMapperTest, every_series_has_its_own_memo) {
  const std::string body = "m,room=r,sensor=a x=1,y=2\nm,room=r,sensor=b x=3\nm,room=r,sensor=a y=4,x=5";
  map(body);
  ASSERT_EQ(parsed_.readings.size(), 5U);
  const auto memo = [this](std::size_t i) { return parsed_.readings[i].memo; };
  EXPECT_NE(memo(0), nullptr);
  EXPECT_EQ(memo(0), memo(4));
  EXPECT_EQ(memo(1), memo(3));
  EXPECT_NE(memo(0), memo(1));
  EXPECT_NE(memo(0), memo(2));
  memo(0)->known = true;
  map(body);
  EXPECT_TRUE(memo(0)->known);
  EXPECT_FALSE(memo(2)->known);
}

TEST_F(LineMapperTest, a_new_device_map_is_looked_at_from_the_next_body_on) {
  const std::string body = "m,device=d value=1";
  EXPECT_EQ(map(body), "0 room_missing");
  maps_.replace(*DeviceMap::parse("device,room\nd,hall\n"));
  EXPECT_EQ(map(body), "0 /hall/d/m=1.");
  maps_.replace(*DeviceMap::parse("device,building,room\nd,b,attic\n"));
  EXPECT_EQ(map(body), "0 b/attic/d/m=1.");
}

// More series than are kept: whatever is not kept is looked at anew, and comes out the same.
TEST_F(LineMapperTest, series_beyond_the_bound_come_out_the_same) {
  const std::size_t count = limits::kLineSeriesKept + 1'000;
  std::string body;
  for (std::size_t i = 0; i < count; ++i) {
    body +=
        "m,room=r\\ " + std::to_string(i % 7) + ",sensor=s" + std::to_string(i) + " value=" + std::to_string(i) + "\n";
  }
  for (int turn = 0; turn < 6; ++turn) {
    keep();
    ASSERT_TRUE(mapper_.map(body, Precision::nanoseconds, parsed_));
    ASSERT_EQ(parsed_.readings.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(parsed_.readings[i].sensor, "s" + std::to_string(i));
      ASSERT_EQ(parsed_.readings[i].room, "r " + std::to_string(i % 7));
      ASSERT_EQ(parsed_.readings[i].value, static_cast<double>(i));
    }
  }
}

TEST_F(LineMapperTest, long_series_and_many_fields_come_out_the_same) {
  const std::string room(limits::kLineSeriesBytesMax, 'x');
  for (int turn = 0; turn < 2; ++turn) EXPECT_EQ(map("m,room=" + room + ",sensor=s a=1"), "0 /" + room + "/s/a=1.");
  std::string line = "m,room=r,sensor=s f0=0";
  for (std::size_t i = 1; i < limits::kLineFieldsKept + 10; ++i) {
    line += ",f" + std::to_string(i) + "=" + std::to_string(i);
  }
  for (int turn = 0; turn < 2; ++turn) {
    map(line);
    ASSERT_EQ(parsed_.readings.size(), limits::kLineFieldsKept + 10);
    EXPECT_EQ(parsed_.readings.back().quantity, "f" + std::to_string(limits::kLineFieldsKept + 9));
  }
}

TEST_F(LineMapperTest, a_request_may_have_this_many_readings) {
  std::string body;
  for (std::size_t i = 0; i < limits::kReadingsPerBatchMax; ++i) body += "m,room=r,sensor=s v=1\n";
  ASSERT_TRUE(mapper_.map(body, Precision::nanoseconds, parsed_));
  EXPECT_EQ(parsed_.readings.size(), limits::kReadingsPerBatchMax);
  EXPECT_EQ(map(body + "m,room=r,sensor=s v=1\n"), "error too_many_readings");
  EXPECT_TRUE(parsed_.readings.empty());
}

TEST(Precision, is_spelled_as_influxdb_does) {
  EXPECT_EQ(precision_of("n"), Precision::nanoseconds);
  EXPECT_EQ(precision_of("ns"), Precision::nanoseconds);
  EXPECT_EQ(precision_of("u"), Precision::microseconds);
  EXPECT_EQ(precision_of("us"), Precision::microseconds);
  EXPECT_EQ(precision_of("µ"), Precision::microseconds);
  EXPECT_EQ(precision_of("ms"), Precision::milliseconds);
  EXPECT_EQ(precision_of("s"), Precision::seconds);
  EXPECT_EQ(precision_of("m"), Precision::minutes);
  EXPECT_EQ(precision_of("h"), Precision::hours);
  for (const char* other : {"", "N", "d", "sec", "MS", "1s"}) EXPECT_FALSE(precision_of(other)) << other;
}

TEST(Precision, becomes_milliseconds_rounded_down) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(to_milliseconds(1'999'999, Precision::nanoseconds), 1);
  EXPECT_EQ(to_milliseconds(2'000'000, Precision::nanoseconds), 2);
  EXPECT_EQ(to_milliseconds(-1, Precision::nanoseconds), -1);
  EXPECT_EQ(to_milliseconds(-1'000'000, Precision::nanoseconds), -1);
  EXPECT_EQ(to_milliseconds(1'999, Precision::microseconds), 1);
  EXPECT_EQ(to_milliseconds(-1'001, Precision::microseconds), -2);
  EXPECT_EQ(to_milliseconds(5, Precision::milliseconds), 5);
  EXPECT_EQ(to_milliseconds(5, Precision::seconds), 5'000);
  EXPECT_EQ(to_milliseconds(-5, Precision::minutes), -300'000);
  EXPECT_EQ(to_milliseconds(5, Precision::hours), 18'000'000);
  EXPECT_EQ(to_milliseconds(kMax, Precision::seconds), kMax);
  EXPECT_EQ(to_milliseconds(kMin, Precision::hours), kMin);
  EXPECT_EQ(to_milliseconds(kMin, Precision::nanoseconds), kMin / 1'000'000 - 1);
}

}  // namespace
}  // namespace temperature::mapping
