#include "client/header_unit.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/time_reader.h"

namespace temperature::client {
namespace {

TEST(HeaderUnit, is_read_as_loggers_write_it) {
  struct Case {
    std::string_view header;
    std::string_view want;
    std::string_view unknown;
  };
  const std::vector<Case> cases{
      // Onset HOBO
      {"Temp, °C (LGR S/N: 10347366, SEN S/N: 10347366)", "°C", ""},
      {"K-Type, °F (LGR S/N: 10679014, SEN S/N: 10679014, LBL: water pipe)", "°F", ""},
      {"Temp - Avg, °C (LGR S/N: 10486917)", "°C", ""},
      {"RH, % (LGR S/N: 10486917, SEN S/N: 10486917)", "%", ""},
      {"Abs Pres, kPa (LGR S/N: 22332695)", "kPa", ""},
      {"Temp (°C)  #9724974", "°C", ""},
      {"Temp, °F", "°F", ""},
      {"Temp, ?F (LGR S/N: 10360568, SEN S/N: 10360568)", "", "?F"},
      // Elitech
      {"Temperature°C", "°C", ""},
      {"Temperature(°C)", "°C", ""},
      {"Temperature°F", "°F", ""},
      {"Humidity%RH", "%", ""},
      {"Humidity(%RH)", "%", ""},
      // Govee
      {"Temperature_Celsius", "°C", ""},
      {"Temperature_Fahrenheit", "°F", ""},
      {"Relative_Humidity", "", ""},
      {"PM2.5(µg/m³)", "µg/m³", ""},
      // others
      {"T [°C]", "°C", ""},
      {"Temp_F", "°F", ""},
      {"temperature c", "°C", ""},
      {"Temp", "", ""},
      {"Room C", "", ""},  // a room, not degrees
      {"Channel F", "", ""},
      {"Temp (attic)", "", "attic"},
      {"", "", ""},
  };
  for (const auto& [header, want, unknown] : cases) {
    EXPECT_EQ(unit_in_header(header).unit, want) << header;
    EXPECT_EQ(unit_in_header(header).unknown, unknown) << header;
  }
}

TEST(HeaderUnit, and_the_offset_of_times) {
  struct Case {
    std::string_view header;
    std::optional<int> want;
  };
  for (const auto& [header, want] :
       {Case{"Date Time, GMT+01:00", 60}, Case{"Date Time, GMT-04:00", -240}, Case{"Time, UTC+5:30", 330},
        Case{"Time (UTC)", 0}, Case{"Date Time", std::nullopt}, Case{"Time, GMT", std::nullopt},
        Case{"OUTCOME", std::nullopt}, Case{"UTCX+1", std::nullopt}, Case{"", std::nullopt}}) {
    const auto offset = offset_in_header(header);
    EXPECT_EQ(offset ? std::optional<int>(static_cast<int>(offset->count())) : std::nullopt, want) << header;
  }
}

}  // namespace
}  // namespace temperature::client
