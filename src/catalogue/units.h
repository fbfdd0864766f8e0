#pragma once

#include <optional>
#include <string_view>

namespace temperature::catalogue {

// The unit of a quantity that the program knows from the start ("temperature" -> "°C");
// nullopt for any other quantity, whose unit is fixed by the first reading that names one.
std::optional<std::string_view> built_in_unit(std::string_view quantity);

// Whether both are ways to write one unit, as "degC", "Cel" (UCUM) and "°C" are.
bool same_unit(std::string_view unit, std::string_view given);

}  // namespace temperature::catalogue
