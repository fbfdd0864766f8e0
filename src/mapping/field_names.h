#pragma once

#include <optional>
#include <string_view>

#include "mapping/line_names.h"
#include "model/reading_rules.h"
#include "model/unit.h"

namespace temperature::mapping {

// A quantity that the program knows, and the unit that a name for it may end with.
struct KnownQuantity {
  std::string_view quantity;  // static
  Unit unit = Unit::unknown;  // not said
};

// What a field's key means by the table in field_names.cc, which docs/api.md publishes: "temperature_F", "tempc",
// "Relative Humidity". nullopt: nothing; then the key is a quantity of its own.
std::optional<KnownQuantity> known_quantity(std::string_view key);

// What a field with a number is.
struct FieldMeaning {
  bool reading = false;
  std::string_view quantity;
  Unit unit = Unit::unknown;  // that its key names
};

// By its key as it is written. A measurement that is named by the field `value` is understood like a key.
FieldMeaning meaning_of(const LineNames& names, std::string_view field, ReadingRules rules, MadeNames& made);

}  // namespace temperature::mapping
