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

constexpr std::array<Spelling, 14> kSpellings{{
    {"°C", "C"},
    {"°C", "c"},
    {"°C", "degC"},
    {"°C", "Cel"},  // UCUM
    {"°C", "celsius"},
    {"°C", "Celsius"},
    {"°C", "℃"},
    {"%", "percent"},
    {"%", "%RH"},
    {"%", "%rH"},
    {"hPa", "hpa"},
    {"hPa", "mbar"},
    {"ppm", "PPM"},
    {"ppm", "[ppm]"},  // UCUM
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

bool same_unit(std::string_view unit, std::string_view given) {
  return unit == given || canonical(unit) == canonical(given);
}

}  // namespace temperature::catalogue
