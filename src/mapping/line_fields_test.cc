#include "mapping/line_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::mapping {
namespace {

bool takes(std::string_view flag, std::string_view key) {
  const auto fields = LineFields::parse(flag);
  EXPECT_TRUE(fields) << flag;
  return fields && fields->takes(key);
}

TEST(LineFields, a_star_takes_every_field) {
  EXPECT_TRUE(takes("*", "temperature"));
  EXPECT_TRUE(LineFields::parse("*")->takes_all());
  EXPECT_TRUE(LineFields().takes_all());
}

TEST(LineFields, names_are_taken_alone) {
  EXPECT_TRUE(takes("temperature,humidity", "humidity"));
  EXPECT_FALSE(takes("temperature,humidity", "uptime"));
  EXPECT_FALSE(takes("temperature,humidity", "temperature_f")) << "the whole name is meant";
  EXPECT_FALSE(takes("temperature", "Temperature")) << "letter by letter";
  EXPECT_FALSE(LineFields::parse("temperature")->takes_all());
}

TEST(LineFields, names_with_an_exclamation_mark_are_left_out) {
  EXPECT_FALSE(takes("!uptime,!rssi", "rssi"));
  EXPECT_TRUE(takes("!uptime,!rssi", "temperature"));
}

TEST(LineFields, a_star_at_the_end_stands_for_anything) {
  EXPECT_TRUE(takes("temp*", "temperature"));
  EXPECT_TRUE(takes("temp*", "temp"));
  EXPECT_FALSE(takes("temp*", "tem"));
  EXPECT_FALSE(takes("!wifi_*", "wifi_rssi"));
  EXPECT_TRUE(takes("!wifi_*", "wifi"));
}

TEST(LineFields, a_key_is_compared_without_its_escapes) {
  EXPECT_TRUE(takes("air temp", "air\\ temp"));
  EXPECT_FALSE(takes("!air temp", "air\\ temp"));
}

TEST(LineFields, what_takes_no_sense_is_refused) {
  for (const char* text : {"", ",", "a,", ",a", "a,,b", "!", "!a,b", "a,!b", "!*", "*,a", "!a,!"}) {
    EXPECT_FALSE(LineFields::parse(text)) << '"' << text << '"';
  }
  std::string many = "f";
  for (std::size_t i = 1; i < limits::kLineFieldsNamed; ++i) many += ",f";
  EXPECT_TRUE(LineFields::parse(many));
  EXPECT_FALSE(LineFields::parse(many + ",f"));
}

}  // namespace
}  // namespace temperature::mapping
