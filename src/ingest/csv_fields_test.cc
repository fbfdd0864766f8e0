#include <gtest/gtest.h>

#include <string>

#include "ingest/csv.h"
#include "ingest/json_test_bodies.h"

// Columns under other names than the fields' own, in CSV.
namespace temperature::ingest {
namespace {

std::string outcome_of_csv(std::string body, UnknownFields unknown_fields = UnknownFields::ignore) {
  Parsed parsed;
  const auto read = parse_csv(body, parsed, unknown_fields);
  return outcome_of(read, parsed);
}

std::string refusal_of_csv(std::string body, UnknownFields unknown_fields = UnknownFields::ignore) {
  Parsed parsed;
  const auto read = parse_csv(body, parsed, unknown_fields);
  if (!read) return read.error().detail;
  return parsed.rejected.empty() ? "taken" : parsed.rejected.front().error.detail;
}

TEST(CsvFields, are_known_by_their_other_names) {
  const std::string want = "b/r/s/humidity/%@7=1.";
  EXPECT_EQ(outcome_of_csv("Timestamp,Building,Room,Sensor,Quantity,Unit,Value\n7,b,r,s,humidity,%,1"), want);
  EXPECT_EQ(outcome_of_csv("ts,building_id,room_id,sensor_id,measurand,units,value\n7,b,r,s,humidity,%,1"), want);
  EXPECT_EQ(outcome_of_csv("time, buildingId, roomId, deviceId, type, uom, value\n7,b,r,s,Humidity,%,1"), want);
  EXPECT_EQ(outcome_of_csv("time,room,sensor,value\n7,r,s,1\n8,r,s,2"), "/r/s//@7=1.; /r/s//@8=2.");
  EXPECT_EQ(outcome_of_csv("room,sensor,value,unit_of_measurement\nr,s,72,°F"), "/r/s//°F@=72.");
}

TEST(CsvFields, the_own_name_goes_before_the_others) {
  EXPECT_EQ(outcome_of_csv("time,timestamp,room,sensor,value\n8,7,r,s,1\n8,,r,s,1\nx,7,r,s,1"),
            "/r/s//@7=1.; /r/s//@8=1.; /r/s//@7=1.");
  EXPECT_EQ(outcome_of_csv("room_id,room,device,sensor_id,value\n917,r,x,s,1"), "/r/s//@=1.");
  EXPECT_EQ(outcome_of_csv("VALUE,value,room,sensor\n2,1,r,s\n2,,r,s\n,,r,s"), "/r/s//@=1.; /r/s//@=2.; field_missing");
}

TEST(CsvFields, two_other_names_must_agree) {
  EXPECT_EQ(
      outcome_of_csv("time,ts,room,sensor,value\n8,8,r,s,1\n8,9,r,s,1\n8,,r,s,1\n8000,1970-01-01T00:00:08Z,r,s,1"),
      "/r/s//@8=1.; field_repeated; /r/s//@8=1.; /r/s//@8000=1.");
  EXPECT_EQ(refusal_of_csv("time,Ts,room,sensor,value\n8,9,r,s,1"),
            "fields \"time\" and \"Ts\" both mean the timestamp, and have different values (line 2)");
  EXPECT_EQ(outcome_of_csv("time,time,room,sensor,value\n8,8,r,s,1"), "error malformed_body");
}

TEST(CsvFields, a_type_is_the_quantity_only_when_it_is_one) {
  const std::string header = "room,sensor,value,type\n";
  EXPECT_EQ(outcome_of_csv(header + "r,s,1,CO2\nr,s,1,DHT22\nr,s,1,"), "/r/s/co2/@=1.; /r/s//@=1.; /r/s//@=1.");
  EXPECT_EQ(outcome_of_csv("room,sensor,value,type,quantity\nr,s,1,co2,humidity"), "/r/s/humidity/@=1.");
  EXPECT_EQ(outcome_of_csv(header + "r,s,1,DHT22\nr,s,1,co2", UnknownFields::refuse), "field_unknown; /r/s/co2/@=1.");
}

TEST(CsvFields, words_that_are_not_taken_refuse_the_header) {
  for (const std::string name : {"created_at", "Date", "epoch", "SCALE", "temperature_unit"}) {
    const std::string refused = refusal_of_csv(name + ",room,sensor,value\n1,r,s,1");
    EXPECT_TRUE(refused.contains("has the column \"" + name + "\", which is not taken as the ")) << refused;
  }
  EXPECT_EQ(outcome_of_csv("created_at,timestamp,room,sensor,value\n1,7,r,s,1"), "/r/s//@7=1.");
  EXPECT_EQ(outcome_of_csv("created_at,time,room,sensor,value\n1,7,r,s,1\n1,,r,s,1\n,,r,s,1"),
            "/r/s//@7=1.; field_unknown; /r/s//@=1.");
}

TEST(CsvFields, unknown_ones_may_be_refused) {
  const std::string body = "room,sensor,value,battery\nr,s,1,3.1";
  EXPECT_EQ(outcome_of_csv(body), "/r/s//@=1.");
  EXPECT_TRUE(
      refusal_of_csv(body, UnknownFields::refuse).ends_with("it has the column \"battery\", which is not known"));
}

TEST(CsvFields, blanks_are_no_part_of_a_number) {
  EXPECT_EQ(outcome_of_csv("room,sensor,timestamp,value\nr,s, 7 , 21.5 \nr,s,\t2022-10-05T22:00Z,1\nr,s, ,1\nr,s,7, "),
            "/r/s//@7=21.5; /r/s//@1665007200000=1.; /r/s//@=1.; field_missing");
}

TEST(CsvFields, a_time_without_an_offset_is_refused_and_told_so) {
  EXPECT_EQ(refusal_of_csv("timestamp,room,sensor,value\n2026-01-31 12:00:00,r,s,1"),
            "field \"timestamp\" has no offset from UTC; it must end with Z or one such as +01:00: "
            "\"2026-01-31 12:00:00\" (line 2)");
}

}  // namespace
}  // namespace temperature::ingest
