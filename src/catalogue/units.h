#pragma once

#include <optional>
#include <string_view>

namespace temperature::catalogue {

// The unit of a quantity that the program knows from the start ("temperature" -> "°C");
// nullopt for any other quantity, whose unit is fixed by the first reading that names one.
std::optional<std::string_view> built_in_unit(std::string_view quantity);

// Whether `given` is a way to write `unit` ("degC", "Cel" in UCUM, and "°C" are one unit).
bool same_unit(std::string_view unit, std::string_view given);

}  // namespace temperature::catalogue
