#pragma once

#include <string>
#include <string_view>

namespace temperature::client {

// The unit that a column's header names, as data loggers write it: "Temp, °F (LGR S/N: 10679014)", "Humidity(%RH)",
// "Temperature_Celsius", "Temperature°C", "T [°C]".
struct HeaderUnit {
  std::string unit;     // as the service takes it: "°C", "°F", "K", "%", "hPa", ...; empty: none is known
  std::string unknown;  // what stands where a unit would and is none that is known: "?F"
};
HeaderUnit unit_in_header(std::string_view header);

// The way the service writes a unit: "degF" is "°F". What is not known stays as it is.
std::string known_unit(std::string_view written);

}  // namespace temperature::client
