#pragma once

#include <string>
#include <variant>

#include "model/ids.h"

namespace temperature::catalogue {

// A series seen for the first time. Its id is the number of series defined before it.
struct SeriesDefined {
  SeriesId id;
  std::string building;
  std::string room;
  std::string sensor;
  std::string quantity;

  bool operator==(const SeriesDefined&) const = default;
};

// A quantity's unit, fixed by the first reading that named one.
struct UnitDefined {
  std::string quantity;
  std::string unit;

  bool operator==(const UnitDefined&) const = default;
};

// An entry of the definition log: what a journal must hold before the readings that rely on it.
using Definition = std::variant<SeriesDefined, UnitDefined>;

}  // namespace temperature::catalogue
