#pragma once

#include <optional>
#include <string_view>

#include "model/reading_rules.h"

// Numbers that stand in quotes. A string is no reading in line protocol, but some senders quote every value.
namespace temperature::mapping {

// Whether a string in this field is read as a number: the field `value`, and the keys of quantities that the program
// knows; under current rules those of field_names.h too (`tempc`). `field` is as it is written, `Relative\ Humidity`.
// Elsewhere a string that looks like a number is none: version="1.2".
bool takes_text(std::string_view field, ReadingRules rules);

// The number that the string is, blanks around it left out; nullopt: it is none, or one that no double holds. The byte
// behind the text must be readable and no part of a number.
std::optional<double> number_in(std::string_view text);

}  // namespace temperature::mapping
