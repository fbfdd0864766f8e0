#include "client/header_unit.h"

#include <algorithm>
#include <array>
#include <optional>

#include "client/field_text.h"

namespace temperature::client {
namespace {

struct UnitSpelling {
  std::string_view unit;
  std::string_view written;  // in lower case and without blanks
};

constexpr std::array<UnitSpelling, 42> kUnitSpellings{{
    {"°C", "°c"},
    {"°C", "ºc"},
    {"°C", "˚c"},
    {"°C", "℃"},
    {"°C", "c"},
    {"°C", "degc"},
    {"°C", "celsius"},
    {"°C", "centigrade"},
    {"°C", "degreesc"},
    {"°C", "cel"},
    {"°F", "°f"},
    {"°F", "ºf"},
    {"°F", "˚f"},
    {"°F", "℉"},
    {"°F", "f"},
    {"°F", "degf"},
    {"°F", "fahrenheit"},
    {"°F", "degreesf"},
    {"K", "k"},
    {"K", "kelvin"},
    {"%", "%"},
    {"%", "%rh"},
    {"%", "rh%"},
    {"%", "percent"},
    {"hPa", "hpa"},
    {"hPa", "mbar"},
    {"Pa", "pa"},
    {"kPa", "kpa"},
    {"bar", "bar"},
    {"mmHg", "mmhg"},
    {"inHg", "inhg"},
    {"psi", "psi"},
    {"ppm", "ppm"},
    {"ppb", "ppb"},
    {"lx", "lux"},
    {"lx", "lx"},
    {"V", "v"},
    {"µg/m³", "µg/m³"},
    {"µg/m³", "μg/m³"},
    {"µg/m³", "ug/m3"},
    {"°C", "degreescelsius"},
    {"°F", "degreesfahrenheit"},
}};

// Signs and words that are a unit wherever a header ends with them; letters alone ("Room C") are not.
constexpr std::array<std::string_view, 13> kEndings{"°c", "°f",  "ºc", "ºf",      "˚c",         "˚f",    "℃",
                                                    "℉",  "%rh", "%",  "celsius", "fahrenheit", "kelvin"};

std::optional<std::string_view> find_unit(std::string_view text) {
  std::string plain = in_lower_case(without_odd_blanks(text));
  std::erase(plain, ' ');
  for (const UnitSpelling& spelling : kUnitSpellings) {
    if (spelling.written == plain) return spelling.unit;
  }
  return std::nullopt;
}

// What stands between the first of `open` and the next of `close`.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = text.substr(begin + open.size());
  return rest.substr(0, rest.find(close));
}

}  // namespace

std::string known_unit(std::string_view written) {
  return std::string(find_unit(written).value_or(written));
}

HeaderUnit unit_in_header(std::string_view header) {
  HeaderUnit found;
  // HOBO's: the name, a comma, the unit, and in parentheses the logger. Elsewhere the unit is in the parentheses.
  for (const std::string_view candidate :
       {between(header, ", ", " ("), between(header, "(", ")"), between(header, "[", "]")}) {
    if (candidate.empty()) continue;
    if (const auto unit = find_unit(candidate)) return {std::string(*unit), {}};
    if (found.unknown.empty()) found.unknown = candidate;
  }
  const std::string lower = in_lower_case(without_odd_blanks(header));
  for (const std::string_view ending : kEndings) {
    if (lower.ends_with(ending)) return {std::string(*find_unit(ending)), {}};
  }
  // "Temp_C", "temperature F": the name says that the letter is no room's.
  const std::size_t last = lower.find_last_of("_ ");
  if (lower.starts_with("temp") && last != std::string::npos) {
    if (const auto unit = find_unit(lower.substr(last + 1))) return {std::string(*unit), {}};
  }
  return found;
}

}  // namespace temperature::client
