#pragma once

#include <optional>
#include <string_view>

namespace temperature::catalogue {

// The unit of a quantity that the program knows from the start ("temperature" -> "°C");
// nullopt for any other quantity, whose unit is fixed by the first reading that names one.
std::optional<std::string_view> built_in_unit(std::string_view quantity);

// Whether both are ways to write one unit, as "degC", "Cel" (UCUM) and "°C" are.
bool same_unit(std::string_view unit, std::string_view given);

// Whether readings of the quantity may come in this unit: as same_unit(), or one that to_kept_unit() turns into it.
bool fits_unit(std::string_view quantity, std::string_view unit, std::string_view given);

// A value given in `unit` in the unit that the quantity is kept in: temperatures in Fahrenheit and Kelvin become
// degrees Celsius; anything else stays as it is.
double to_kept_unit(std::string_view quantity, std::string_view unit, double value);

}  // namespace temperature::catalogue
