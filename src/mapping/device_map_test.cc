#include "mapping/device_map.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "model/name_limits.h"

namespace temperature::mapping {
namespace {

TEST(DeviceMap, says_where_devices_are) {
  const auto map = DeviceMap::parse(
      "# where things hang\r\n"
      "room,device,quantity,building\r\n"
      "lab,aa:bb,,north\r\n"
      "\r\n"
      "# a name with a comma and a quote\n"
      "\"the \"\"big\"\", old room\",\"s,1\",humidity,\n");
  ASSERT_TRUE(map) << map.error().detail;
  EXPECT_EQ(map->size(), 2U);
  ASSERT_NE(map->find("aa:bb"), nullptr);
  EXPECT_EQ(map->find("aa:bb")->building, "north");
  EXPECT_EQ(map->find("aa:bb")->room, "lab");
  EXPECT_EQ(map->find("aa:bb")->quantity, "");
  ASSERT_NE(map->find("s,1"), nullptr);
  EXPECT_EQ(map->find("s,1")->room, "the \"big\", old room");
  EXPECT_EQ(map->find("s,1")->quantity, "humidity");
  EXPECT_EQ(map->find("other"), nullptr);
}

TEST(DeviceMap, says_what_is_wrong_and_where) {
  const auto expect = [](const std::string& text, const std::string& what) {
    const auto map = DeviceMap::parse(text);
    ASSERT_FALSE(map) << text;
    EXPECT_EQ(map.error().code, ErrorCode::malformed_body);
    EXPECT_TRUE(map.error().detail.contains(what)) << map.error().detail;
  };
  expect("", "line 1 of the device map must be a header");
  expect("# nothing\n", "must be a header");
  expect("device,rom\n", "column \"rom\"");
  expect("device,room,device\n", "names a column twice");
  expect("device,building\n", "no column room");
  expect("room\n", "no column device");
  expect("device,room\na,b\nc\n", "line 3 of the device map has 1 fields");
  expect("device,room\na,\n", "line 2 of the device map has no room");
  expect("device,room\n,r\n", "line 2 of the device map has no device");
  expect("device,room\na,b\n\na,c\n", "line 4 of the device map has the device \"a\" again");
  expect("device,room\na,\"b\n", "line 2 of the device map has a quote");
  expect("device,room\na,\xff\n", "no room of 1 to 128 bytes");
  expect("device,room\na," + std::string(limits::kNameBytesMax + 1, 'x') + "\n", "no room of 1 to 128 bytes");
}

TEST(DeviceMap, an_address_is_found_in_any_spelling) {
  const auto map = DeviceMap::parse(
      "device,room\n84:F3:EB:12:34:56,hall\n0x00158D0001A2B3C4,lab\nAA:AA:AA:AA:AA:01,one\naa-aa-aa-aa-aa-01,two\n"
      "BB:BB:BB:BB:BB:01,same\nbb-bb-bb-bb-bb-01,same\nKitchen,kitchen\n");
  ASSERT_TRUE(map) << map.error().detail;
  const auto room = [&map](std::string_view device) {
    const Device* found = map->find_any(device);
    return found == nullptr ? std::string("-") : found->room;
  };
  for (const char* hall : {"84:F3:EB:12:34:56", "84:f3:eb:12:34:56", "84-F3-EB-12-34-56", "84f3eb123456",
                           "84F3EB123456", "84f3.eb12.3456"}) {
    EXPECT_EQ(room(hall), "hall") << hall;
  }
  EXPECT_EQ(map->find("84:f3:eb:12:34:56"), nullptr);
  for (const char* lab : {"0x00158d0001a2b3c4", "00158D0001A2B3C4", "00:15:8d:00:01:a2:b3:c4"})
    EXPECT_EQ(room(lab), "lab");
  // In several places: only as it is written.
  EXPECT_EQ(room("AA:AA:AA:AA:AA:01"), "one");
  EXPECT_EQ(room("aa-aa-aa-aa-aa-01"), "two");
  EXPECT_EQ(room("aaaaaaaaaa01"), "-");
  EXPECT_EQ(room("bbbbbbbbbb01"), "same");
  EXPECT_EQ(room("kitchen"), "-");  // no address
}

TEST(DeviceMap, what_is_no_address) {
  EXPECT_EQ(plain_address("84:F3:EB:12:34:56"), "84f3eb123456");
  for (const char* none :
       {"", "84:F3:EB:12:34", "84:F3:EB:12:34:5", "84:F3-EB:12:34:56", "84:F3:EB:12:34:56:", "g4f3eb123456",
        "84f3:eb12:3456", "8:4f:3e:b1:23:45:6", ":84:F3:EB:12:34:56", "84::F3:EB:12:34:56", "sensor",
        "84:F3:EB:12:34:56:78", "84f3.eb12.34.56", "0x", "1234567890123"}) {
    EXPECT_EQ(plain_address(none), "") << none;
  }
}

TEST(DeviceMap, reads_a_file) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "device_map_test.csv";
  std::ofstream(file) << "device,room\na,b\n";
  const auto map = DeviceMap::read(file);
  ASSERT_TRUE(map) << map.error().detail;
  EXPECT_EQ(map->find("a")->room, "b");
  std::ofstream(file) << "device\n";
  EXPECT_TRUE(DeviceMap::read(file).error().detail.contains(file.string()));
  std::filesystem::resize_file(file, limits::kDeviceMapBytesMax + 1);
  EXPECT_EQ(DeviceMap::read(file).error().code, ErrorCode::startup);
  std::filesystem::remove(file);
  EXPECT_EQ(DeviceMap::read(file).error().code, ErrorCode::startup);
}

TEST(DeviceMaps, the_new_one_is_in_force_and_the_old_one_lives_on) {
  DeviceMaps maps;
  const auto old = maps.current();
  EXPECT_EQ(old->size(), 0U);
  maps.replace(*DeviceMap::parse("device,room\na,b\n"));
  EXPECT_EQ(maps.current()->size(), 1U);
  EXPECT_EQ(old->size(), 0U);
}

}  // namespace
}  // namespace temperature::mapping
