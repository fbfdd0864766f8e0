#include "mapping/field_names.h"

#include <gtest/gtest.h>

#include <string>

#include "catalogue/units.h"

namespace temperature::mapping {
namespace {

// "quantity unit", "quantity" where the key names no unit, "-" where the key is a quantity of its own.
struct NamedField {
  const char* key;
  const char* want;
};

const NamedField kNamedFields[] = {
    {"temperature", "temperature"},
    {"Temperature", "temperature"},
    {"TEMPERATURE", "temperature"},
    {"temp", "temperature"},
    {"temperature_C", "temperature °C"},
    {"temperature_F", "temperature °F"},
    {"temperature_K", "temperature K"},
    {"temperature_fahrenheit", "temperature °F"},
    {"temperature_celsius", "temperature °C"},
    {"Temperature (°F)", "temperature °F"},
    {"temperature [°C]", "temperature °C"},
    {"tempc", "temperature °C"},
    {"tempC", "temperature °C"},
    {"tempf", "temperature °F"},
    {"temp_f", "temperature °F"},
    {"temp-c", "temperature °C"},
    {"temp_degF", "temperature °F"},
    {"fahrenheit", "temperature °F"},
    {"humidity", "humidity"},
    {"Humidity", "humidity"},
    {"hum", "humidity"},
    {"rh", "humidity"},
    {"RH", "humidity"},
    {"relative_humidity", "humidity"},
    {"Relative Humidity", "humidity"},
    {"humidity_percent", "humidity %"},
    {"humidity_%", "humidity %"},
    {"pressure", "pressure"},
    {"pressure_hPa", "pressure hPa"},
    {"pressure_Pa", "pressure Pa"},
    {"pressure_inHg", "pressure inHg"},
    {"pressure_psi", "pressure psi"},
    {"baro", "pressure"},
    {"barometric_pressure", "pressure"},
    {"barometer_mmHg", "pressure mmHg"},
    {"co2", "co2"},
    {"CO2", "co2"},
    {"co2_ppm", "co2 ppm"},
    {"carbon_dioxide", "co2"},
    {"humidity_rh", "humidity"},
    {"co2_concentration", "co2"},
    // Other things, of other places, or in a unit that they cannot have.
    {"tempin", "-"},
    {"tempinf", "-"},
    {"temp1", "-"},
    {"temp_input", "-"},
    {"colortemp", "-"},
    {"kelvin", "-"},
    {"temperature_hPa", "-"},
    {"temperature2", "-"},
    {"humidex", "-"},
    {"rho", "-"},
    {"pressure_msl", "-"},
    {"pressure_K", "-"},
    {"co2_%", "-"},
    {"eco2", "-"},
    {"power", "-"},
    {"value", "-"},
    {"", "-"},
};

TEST(FieldNames, are_known_by_exact_spellings) {
  for (const auto& [key, want] : kNamedFields) {
    const auto known = known_quantity(key);
    std::string text = known ? std::string(known->quantity) : "-";
    if (known && known->unit != Unit::unknown) text += " " + std::string(catalogue::unit_name(known->unit));
    EXPECT_EQ(text, want) << key;
  }
  EXPECT_FALSE(known_quantity(std::string(1'000'000, 't')));
}

// "quantity unit" of a field of a series.
std::string field_of_series(const std::string& series, std::string_view field, ReadingRules rules,
                            const DeviceMap& devices = {}) {
  ingest::LineSeries taken_apart;
  EXPECT_EQ(taken_apart.read(series), ingest::LineFault::none) << series;
  MadeNames made;
  const FieldMeaning meaning = meaning_of(names_of(taken_apart, {}, devices, made), field, rules, made);
  if (!meaning.reading) return "-";
  return std::string(meaning.quantity) + " " + std::string(catalogue::unit_name(meaning.unit));
}

TEST(FieldNames, mean_what_their_measurement_and_the_device_map_say) {
  constexpr auto kNow = ReadingRules::current;
  EXPECT_EQ(field_of_series("m,room=r,sensor=s", "tempf", kNow), "temperature °F");
  EXPECT_EQ(field_of_series("tempF,room=r,sensor=s", "value", kNow), "temperature °F");
  EXPECT_EQ(field_of_series("Temperature,room=r,sensor=s", "value", kNow), "temperature ");
  EXPECT_EQ(field_of_series("power,room=r,sensor=s", "value", kNow), "power ");
  const DeviceMap devices = *DeviceMap::parse("device,room,quantity\nd,r,Temp\n");
  EXPECT_EQ(field_of_series("m,device=d", "value", kNow, devices), "Temp ") << "that name somebody chose";
  EXPECT_EQ(field_of_series("temp,domain=sensor,entity_id=e,room=r", "value", kNow), "temp ");
  EXPECT_EQ(field_of_series("m,domain=sensor,entity_id=e,room=r", "tempf", kNow), "-");
  EXPECT_EQ(field_of_series("m,room=r,sensor=s", "tempf", ReadingRules::former), "tempf ");
  EXPECT_EQ(field_of_series("Temperature,room=r,sensor=s", "value", ReadingRules::former), "Temperature ");
}

}  // namespace
}  // namespace temperature::mapping
