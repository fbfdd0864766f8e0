#pragma once

#include <cstddef>
#include <cstdint>

namespace temperature {

// The units that the program knows. catalogue/units.h has their spellings and how they become each other.
enum class Unit : std::uint8_t {
  unknown,
  celsius,
  fahrenheit,
  kelvin,
  percent,
  pascal,
  hectopascal,
  kilopascal,
  megapascal,
  bar,
  atmosphere,
  torr,
  millimetre_of_mercury,
  inch_of_mercury,
  pound_per_square_inch,
  parts_per_million,
  parts_per_billion,
  milliwatt,
  watt,
  kilowatt,
  megawatt,
  joule,
  kilojoule,
  megajoule,
  watt_hour,
  kilowatt_hour,
  megawatt_hour,
};

inline constexpr std::size_t kUnits = static_cast<std::size_t>(Unit::megawatt_hour) + 1;

// From the unit in which a value is given to the one in which it is kept: the same dimension, or both the same.
struct UnitChange {
  Unit given = Unit::unknown;
  Unit kept = Unit::unknown;

  [[nodiscard]] bool none() const { return given == kept; }
  bool operator==(const UnitChange&) const = default;
};

}  // namespace temperature
