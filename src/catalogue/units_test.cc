#include "catalogue/units.h"

#include <gtest/gtest.h>

namespace temperature::catalogue {
namespace {

TEST(Units, of_temperature_are_turned_into_degrees_celsius) {
  for (const char* fahrenheit : {"°F", "F", "f", "degF", "[degF]", "fahrenheit", "Fahrenheit", "℉"}) {
    EXPECT_TRUE(fits_unit("temperature", "°C", fahrenheit)) << fahrenheit;
    EXPECT_EQ(to_kept_unit("temperature", fahrenheit, 212), 100) << fahrenheit;
    EXPECT_EQ(to_kept_unit("temperature", fahrenheit, 32), 0) << fahrenheit;
    EXPECT_EQ(to_kept_unit("temperature", fahrenheit, -40), -40) << fahrenheit;
  }
  for (const char* kelvin : {"K", "kelvin", "Kelvin"}) {
    EXPECT_TRUE(fits_unit("temperature", "°C", kelvin)) << kelvin;
    EXPECT_EQ(to_kept_unit("temperature", kelvin, 273.15), 0) << kelvin;
    EXPECT_EQ(to_kept_unit("temperature", kelvin, 0), -273.15) << kelvin;
  }
  for (const char* celsius : {"°C", "C", "degC", "Cel", "celsius", "℃"}) {
    EXPECT_TRUE(fits_unit("temperature", "°C", celsius)) << celsius;
    EXPECT_EQ(to_kept_unit("temperature", celsius, 21.5), 21.5) << celsius;
  }
}

TEST(Units, of_other_quantities_stay) {
  EXPECT_FALSE(fits_unit("humidity", "%", "K"));
  EXPECT_FALSE(fits_unit("temperature", "°C", "%"));
  EXPECT_FALSE(fits_unit("temperature", "°C", ""));
  EXPECT_TRUE(fits_unit("pressure", "hPa", "mbar"));
  EXPECT_EQ(to_kept_unit("pressure", "mbar", 1013), 1013);
  EXPECT_EQ(to_kept_unit("water temperature", "K", 300), 300);
}

}  // namespace
}  // namespace temperature::catalogue
