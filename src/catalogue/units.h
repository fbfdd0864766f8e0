#pragma once

#include <optional>
#include <string_view>

#include "model/reading_rules.h"
#include "model/unit.h"

namespace temperature::catalogue {

// The unit of a quantity that the program knows from the start ("temperature" -> "°C");
// nullopt for any other quantity, whose unit is fixed by the first reading that names one.
std::optional<std::string_view> built_in_unit(std::string_view quantity);
// The same as what it is; Unit::unknown for any other quantity.
Unit kept_unit(std::string_view quantity);

// What a text means: by the table of exact spellings in units.cc, which docs/api.md publishes, without case where that
// is clear, and without blanks and underscores; under the former rules by the few spellings that were known then.
// Unit::unknown: none of them.
Unit find_unit(std::string_view written, ReadingRules rules);

// As the program writes it: "°C", "inHg". Empty for Unit::unknown. Lifetime: static.
std::string_view unit_name(Unit unit);

// Whether values in one become values in the other. False when one is unknown.
bool convertible(Unit given, Unit kept);

// Without the blanks around it; as it is under the former rules.
std::string_view trimmed_unit(std::string_view written, ReadingRules rules);

// Whether readings of `quantity`, whose unit is `kept`, may come in the unit `given`, and how they become what is kept.
// nullopt: they may not. Both units are texts; a text that is no known unit fits itself.
std::optional<UnitChange> change_of(std::string_view quantity, std::string_view kept, std::string_view given,
                                    ReadingRules rules);

// A value in the unit that is kept. Between units with a factor it is correctly rounded, as long as nothing comes near
// the ends of what a double can be; temperatures are (F - 32) * 5 / 9 and K - 273.15 in doubles, rounded at each step.
// An infinite value: it does not fit a double. REQUIRES: change.none(), or convertible.
double converted(double value, UnitChange change);

}  // namespace temperature::catalogue
