#include "catalogue/units.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace temperature::catalogue {
namespace {

using Exact = boost::multiprecision::cpp_rational;

struct SpelledUnit {
  const char* written;
  Unit want;
};

const SpelledUnit kSpelled[] = {
    {"°C", Unit::celsius},
    {"C", Unit::celsius},
    {"CELSIUS", Unit::celsius},
    {" °C ", Unit::celsius},
    {"° C", Unit::celsius},
    {"\xc2\xa0°C", Unit::celsius},
    {"ºC", Unit::celsius},  // U+00BA
    {"˚C", Unit::celsius},  // U+02DA
    {"Â°C", Unit::celsius},
    {"\xb0"
     "C",
     Unit::celsius},
    {"&deg;C", Unit::celsius},
    {"℃", Unit::celsius},
    {"Cel", Unit::celsius},
    {"deg C", Unit::celsius},
    {"deg_c", Unit::celsius},
    {"degrees Celsius", Unit::celsius},
    {"Degrees  Celsius", Unit::celsius},
    {"celcius", Unit::celsius},
    {"deg F", Unit::fahrenheit},
    {"degrees Fahrenheit", Unit::fahrenheit},
    {"ºF", Unit::fahrenheit},
    {"˚F", Unit::fahrenheit},
    {"FAHRENHEIT", Unit::fahrenheit},
    {"[degF]", Unit::fahrenheit},
    {"℉", Unit::fahrenheit},
    {"f", Unit::fahrenheit},
    {"K", Unit::kelvin},
    {"\xe2\x84\xaa", Unit::kelvin},
    {"kelvin", Unit::kelvin},
    {"%", Unit::percent},
    {"% RH", Unit::percent},
    {"Percent", Unit::percent},
    {"Pa", Unit::pascal},
    {"PA", Unit::pascal},
    {"hPa", Unit::hectopascal},
    {"HPA", Unit::hectopascal},
    {"mbar", Unit::hectopascal},
    {"mb", Unit::hectopascal},
    {"kPa", Unit::kilopascal},
    {"MPa", Unit::megapascal},
    {"bar", Unit::bar},
    {"Torr", Unit::torr},
    {"mm Hg", Unit::millimetre_of_mercury},
    {"mm[Hg]", Unit::millimetre_of_mercury},
    {"inHg", Unit::inch_of_mercury},
    {"in Hg", Unit::inch_of_mercury},
    {"[in_i'Hg]", Unit::inch_of_mercury},
    {"PSI", Unit::pound_per_square_inch},
    {"ppm", Unit::parts_per_million},
    {"[ppm]", Unit::parts_per_million},
    {"W", Unit::watt},
    {"Watts", Unit::watt},
    {"mW", Unit::milliwatt},
    {"MW", Unit::megawatt},
    {"KW", Unit::kilowatt},
    {"kWh", Unit::kilowatt_hour},
    {"KWH", Unit::kilowatt_hour},
    {"Wh", Unit::watt_hour},
    {"MWh", Unit::megawatt_hour},
    {"kJ", Unit::kilojoule},
    // Neither a milliwatt nor a megawatt, and nothing that merely looks like a unit.
    {"mw", Unit::unknown},
    {"mJ", Unit::unknown},
    {"MB", Unit::unknown},
    {"mPa", Unit::unknown},
    {"Rankine", Unit::unknown},
    {"psig", Unit::unknown},
    {"°", Unit::unknown},
    {"", Unit::unknown},
    {" ", Unit::unknown},
    {"degrees Fahrenheit in the shade of the house", Unit::unknown},
};

TEST(Units, are_known_by_exact_spellings) {
  for (const auto& [written, want] : kSpelled) {
    EXPECT_EQ(unit_name(find_unit(written, ReadingRules::current)), unit_name(want)) << written;
  }
  for (std::size_t i = 1; i < kUnits; ++i) {  // what the program writes it reads
    const auto unit = static_cast<Unit>(i);
    EXPECT_EQ(find_unit(unit_name(unit), ReadingRules::current), unit) << unit_name(unit);
  }
}

TEST(Units, of_a_folder_of_before_are_read_as_they_were) {
  for (const char* fahrenheit : {"°F", "F", "f", "degF", "[degF]", "fahrenheit", "Fahrenheit", "℉"}) {
    const auto change = change_of("temperature", "°C", fahrenheit, ReadingRules::former);
    ASSERT_TRUE(change) << fahrenheit;
    EXPECT_EQ(converted(212, *change), 100) << fahrenheit;
  }
  for (const char* unknown : {"deg F", "ºF", " °F", "FAHRENHEIT", "k", "Pa", "hPa"}) {
    EXPECT_FALSE(change_of("temperature", "°C", unknown, ReadingRules::former)) << unknown;
  }
  EXPECT_FALSE(change_of("pressure", "hPa", "Pa", ReadingRules::former));
  EXPECT_TRUE(change_of("pressure", "hPa", "mbar", ReadingRules::former)->none());
  EXPECT_FALSE(change_of("water temperature", "°C", "K", ReadingRules::former)) << "only temperature was converted";
  EXPECT_FALSE(change_of("power", "kW", "W", ReadingRules::former));
  EXPECT_FALSE(change_of("wind", "m/s", " m/s", ReadingRules::former));
}

TEST(Units, of_one_dimension_become_each_other) {
  EXPECT_EQ(change_of("pressure", "hPa", "inHg", ReadingRules::current),
            (UnitChange{Unit::inch_of_mercury, Unit::hectopascal}));
  EXPECT_EQ(change_of("power", "kW", "W", ReadingRules::current), (UnitChange{Unit::watt, Unit::kilowatt}));
  EXPECT_EQ(change_of("dew point", "degF", "K", ReadingRules::current), (UnitChange{Unit::kelvin, Unit::fahrenheit}));
  EXPECT_TRUE(change_of("pressure", "hPa", "mbar", ReadingRules::current)->none());
  EXPECT_TRUE(change_of("wind", "m/s", " m/s ", ReadingRules::current)->none());
  EXPECT_FALSE(change_of("wind", "m/s", "km/h", ReadingRules::current));
  EXPECT_FALSE(change_of("temperature", "°C", "hPa", ReadingRules::current));
  EXPECT_FALSE(change_of("humidity", "%", "K", ReadingRules::current));
  EXPECT_FALSE(change_of("co2", "ppm", "%", ReadingRules::current));
  EXPECT_FALSE(change_of("temperature", "°C", "Rankine", ReadingRules::current));
}

// Inputs are exact doubles, results what the factors in decimals make of them.
struct Conversion {
  double given;
  Unit unit;
  Unit kept;
  double want;
};

const Conversion kConversions[] = {
    {32, Unit::fahrenheit, Unit::celsius, 0},
    {212, Unit::fahrenheit, Unit::celsius, 100},
    {-40, Unit::fahrenheit, Unit::celsius, -40},
    {77, Unit::fahrenheit, Unit::celsius, 25},
    {-459.67, Unit::fahrenheit, Unit::celsius, -273.15},
    {273.15, Unit::kelvin, Unit::celsius, 0},
    {0, Unit::kelvin, Unit::celsius, -273.15},
    {294.65, Unit::kelvin, Unit::celsius, 21.5},
    {25, Unit::celsius, Unit::fahrenheit, 77},
    {-273.15, Unit::celsius, Unit::kelvin, 0},
    {273.15, Unit::kelvin, Unit::fahrenheit, 32},
    {101'325, Unit::pascal, Unit::hectopascal, 1'013.25},
    {101.25, Unit::kilopascal, Unit::hectopascal, 1'012.5},
    {1.015625, Unit::bar, Unit::hectopascal, 1'015.625},
    {0.125, Unit::megapascal, Unit::hectopascal, 1'250},
    {1, Unit::atmosphere, Unit::hectopascal, 1'013.25},
    {760, Unit::torr, Unit::hectopascal, 1'013.25},
    {1, Unit::millimetre_of_mercury, Unit::hectopascal, 1.33322387415},
    {760, Unit::millimetre_of_mercury, Unit::hectopascal, 1'013.250144354},
    {1, Unit::inch_of_mercury, Unit::hectopascal, 33.86388640341},
    {29.5, Unit::inch_of_mercury, Unit::hectopascal, 998.984648900595},
    {127, Unit::millimetre_of_mercury, Unit::inch_of_mercury, 5},
    {1, Unit::pound_per_square_inch, Unit::hectopascal, 68.94757293168361336722673},
    {14.5, Unit::pound_per_square_inch, Unit::hectopascal, 999.7398075094123938247876},
    {415'000, Unit::parts_per_billion, Unit::parts_per_million, 415},
    {1.5, Unit::kilowatt, Unit::watt, 1'500},
    {500, Unit::watt, Unit::kilowatt, 0.5},
    {250, Unit::milliwatt, Unit::watt, 0.25},
    {2, Unit::megawatt, Unit::kilowatt, 2'000},
    {2'500, Unit::watt_hour, Unit::kilowatt_hour, 2.5},
    {0.75, Unit::kilowatt_hour, Unit::watt_hour, 750},
    {1, Unit::kilowatt_hour, Unit::joule, 3'600'000},
    {4.5, Unit::megajoule, Unit::kilowatt_hour, 1.25},
    {-1'500, Unit::watt, Unit::kilowatt, -1.5},
};

TEST(Units, convert_by_their_factors) {
  for (const auto& [given, unit, kept, want] : kConversions) {
    EXPECT_EQ(converted(given, {unit, kept}), want) << given << ' ' << unit_name(unit) << " in " << unit_name(kept);
  }
  EXPECT_EQ(converted(21.5, {}), 21.5);
  EXPECT_TRUE(std::isinf(converted(std::numeric_limits<double>::max(), {Unit::bar, Unit::hectopascal})));
}

// In Pa; the psi is 4.4482216152605 N on 0.00064516 m2.
Exact pascals(Unit unit) {
  if (unit == Unit::torr) return Exact(101'325, 760);
  if (unit == Unit::millimetre_of_mercury) return Exact(133'322'387'415, 1'000'000'000);
  if (unit == Unit::inch_of_mercury) return Exact(133'322'387'415, 1'000'000'000) * Exact(254, 10);
  return Exact(44'482'216'152'605, 10'000'000'000'000) / Exact(64'516, 100'000'000);
}

// No double is nearer to the exact product than the one that is given back.
TEST(Units, round_once) {
  std::mt19937_64 random(20'080'229);
  std::uniform_real_distribution<double> values(1e-3, 2e3);
  for (const Unit unit :
       {Unit::torr, Unit::millimetre_of_mercury, Unit::inch_of_mercury, Unit::pound_per_square_inch}) {
    for (int i = 0; i < 2'000; ++i) {
      const double value = values(random);
      const double got = converted(value, {unit, Unit::hectopascal});
      const Exact want = Exact(value) * pascals(unit) / 100;
      const auto distance = [&want](double result) { return Exact(abs(Exact(result) - want)); };
      EXPECT_LE(distance(got), distance(std::nextafter(got, 0))) << value << ' ' << unit_name(unit);
      EXPECT_LE(distance(got), distance(std::nextafter(got, 1e9))) << value << ' ' << unit_name(unit);
    }
  }
}

TEST(Units, are_trimmed) {
  EXPECT_EQ(trimmed_unit("  m/s ", ReadingRules::current), "m/s");
  EXPECT_EQ(trimmed_unit("\xc2\xa0m s\xc2\xa0", ReadingRules::current), "m s");
  EXPECT_EQ(trimmed_unit("  ", ReadingRules::current), "");
  EXPECT_EQ(trimmed_unit(" m/s", ReadingRules::former), " m/s");
}

}  // namespace
}  // namespace temperature::catalogue
