#include "client/sensor_list.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace temperature::client {
namespace {

// What each row is, or the error that ended it.
std::vector<std::string> listed(const std::string& text) {
  MemorySource source(text);
  std::vector<std::string> rows;
  const auto read = read_sensor_list(source, [&](std::uint64_t line, std::expected<ListedSensor, std::string> sensor) {
    if (!sensor) {
      rows.push_back(fmt::format("{}: {}", line, sensor.error()));
      return true;
    }
    const Registration& its = sensor->registration;
    rows.push_back(fmt::format("{}: {} file={} key={} kid={} building={} room={} quantities={}", line, sensor->id,
                               sensor->public_key_file, its.keys.at(0).public_key, its.keys.at(0).kid, its.building,
                               its.room, fmt::join(its.quantities, ",")));
    return true;
  });
  if (!read) rows.push_back(read.error().detail);
  return rows;
}

TEST(SensorList, is_read_by_its_header) {
  EXPECT_EQ(listed("\xef\xbb\xbfRoom, Sensor ,PUBLIC_KEY_FILE,quantities,kid,building\r\n"
                   "kitchen,s1,s1.pub.pem,temperature; humidity,k1,north\r\n"
                   "\r\n"
                   ",\"s,2\",s2.pub.pem,,,\r\n"),
            (std::vector<std::string>{
                "2: s1 file=s1.pub.pem key= kid=k1 building=north room=kitchen quantities=temperature,humidity",
                "4: s,2 file=s2.pub.pem key= kid= building= room= quantities="}));
  EXPECT_EQ(listed("Device_ID,public_key_file,roomId,measurand\ns1,a,kitchen,co2\n"),
            (std::vector<std::string>{"2: s1 file=a key= kid= building= room=kitchen quantities=co2"}));
  EXPECT_EQ(listed("id,public_key\ns1,\"-----BEGIN\nEND-----\"\n"),
            (std::vector<std::string>{"2: s1 file= key=-----BEGIN\nEND----- kid= building= room= quantities="}));
}

TEST(SensorList, says_what_is_wrong_with_a_row_and_goes_on) {
  EXPECT_EQ(listed("sensor,public_key_file\ns1,a\n,a\ns2,\ns3\ns1,b\ns4,\xff\ns5,a\n"),
            (std::vector<std::string>{"2: s1 file=a key= kid= building= room= quantities=", "3: it names no sensor",
                                      "4: it has no public key", "5: 1 fields where the header has 2",
                                      "6: the sensor \"s1\" stands in line 2 already", "7: it is no UTF-8",
                                      "8: s5 file=a key= kid= building= room= quantities="}));
}

TEST(SensorList, with_another_header_is_none) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "the file is empty"},
      {"sensor,public_key,rom\n", "the header names \"rom\""},
      {"public_key\n", "the header lacks sensor"},
      {"sensor,room\n", "must have public_key_file or public_key"},
      {"sensor,public_key,public_key_file\n", "one of them alone"},
      {"sensor,id,public_key\n", "names \"sensor\" twice: it has \"id\" too"},
      {"sensor,public_key,type\n", "the header names \"type\""},
      {"sensor,public_key,unit\n", "the header names \"unit\""},
      {"sensor;public_key\n", "the header names \"sensor;public_key\""},
  };
  for (const auto& [text, want] : cases) {
    const auto rows = listed(text);
    ASSERT_EQ(rows.size(), 1U) << text;
    EXPECT_NE(rows[0].find(want), std::string::npos) << rows[0];
  }
}

}  // namespace
}  // namespace temperature::client
