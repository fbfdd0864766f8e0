#include "catalogue/units.h"

#include <array>

namespace temperature::catalogue {
namespace {

struct Spelling {
  std::string_view unit;
  std::string_view written;
};

constexpr std::array<Spelling, 4> kBuiltIn{{
    {"temperature", "°C"},
    {"humidity", "%"},
    {"pressure", "hPa"},
    {"co2", "ppm"},
}};

constexpr std::array<Spelling, 23> kSpellings{{
    {"°C", "C"},          {"°C", "c"},          {"°C", "degC"},   {"°C", "Cel"},  // UCUM
    {"°C", "celsius"},    {"°C", "Celsius"},    {"°C", "℃"},      {"°F", "F"},
    {"°F", "f"},          {"°F", "degF"},       {"°F", "[degF]"},  // UCUM
    {"°F", "fahrenheit"}, {"°F", "Fahrenheit"}, {"°F", "℉"},      {"K", "kelvin"},
    {"K", "Kelvin"},      {"%", "percent"},     {"%", "%RH"},     {"%", "%rH"},
    {"hPa", "hpa"},       {"hPa", "mbar"},      {"ppm", "PPM"},   {"ppm", "[ppm]"},  // UCUM
}};

std::string_view canonical(std::string_view written) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.written == written) return spelling.unit;
  }
  return written;
}

}  // namespace

std::optional<std::string_view> built_in_unit(std::string_view quantity) {
  for (const auto& [name, unit] : kBuiltIn) {
    if (name == quantity) return unit;
  }
  return std::nullopt;
}

bool fits_unit(std::string_view quantity, std::string_view unit, std::string_view given) {
  if (same_unit(unit, given)) return true;
  const std::string_view written = canonical(given);
  return quantity == "temperature" && (written == "°F" || written == "K");
}

double to_kept_unit(std::string_view quantity, std::string_view unit, double value) {
  if (quantity != "temperature") return value;
  const std::string_view written = canonical(unit);
  if (written == "°F") return (value - 32) * 5 / 9;
  if (written == "K") return value - 273.15;
  return value;
}

bool same_unit(std::string_view unit, std::string_view given) {
  return unit == given || canonical(unit) == canonical(given);
}

}  // namespace temperature::catalogue
