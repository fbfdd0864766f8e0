#include "mapping/text_numbers.h"

#include <algorithm>
#include <array>

#include "ingest/json_scalar.h"
#include "ingest/line_protocol.h"
#include "mapping/field_names.h"

namespace temperature::mapping {

bool takes_text(std::string_view field, ReadingRules rules) {
  constexpr std::array<std::string_view, 5> kFields{"value", "temperature", "humidity", "pressure", "co2"};
  if (std::ranges::find(kFields, field) != kFields.end()) return true;
  if (rules == ReadingRules::former) return false;
  if (!field.contains('\\')) return known_quantity(field).has_value();
  return known_quantity(ingest::unescape_line_name(field, ingest::LineName::key_or_value)).has_value();
}

std::optional<double> number_in(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
  const ingest::JsonNumber number = ingest::read_json_number(text);
  const bool taken = number.kind == ingest::JsonNumber::Kind::whole || number.kind == ingest::JsonNumber::Kind::real;
  return taken ? std::optional(number.value) : std::nullopt;
}

}  // namespace temperature::mapping
