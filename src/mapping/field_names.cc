#include "mapping/field_names.h"

#include <array>
#include <cstddef>

#include "catalogue/units.h"

namespace temperature::mapping {
namespace {

constexpr std::size_t kKeyBytesMax = 64;  // no name with a unit behind it is longer

// Without case, blanks, underscores, hyphens and brackets. A unit's spelling may follow, if it is one of the quantity.
// What begins with another name stands before it. Names of other places ("tempin", "pressure_msl") are not here: they
// are quantities of their own.
struct QuantityName {
  std::string_view name;
  std::string_view quantity;
};
constexpr std::array kQuantityNames{
    QuantityName{"temperature", "temperature"},
    QuantityName{"temp", "temperature"},
    QuantityName{"relativehumidity", "humidity"},
    QuantityName{"relhumidity", "humidity"},
    QuantityName{"humidityrh", "humidity"},
    QuantityName{"humidity", "humidity"},
    QuantityName{"relhum", "humidity"},
    QuantityName{"hum", "humidity"},
    QuantityName{"rh", "humidity"},
    QuantityName{"atmosphericpressure", "pressure"},
    QuantityName{"barometricpressure", "pressure"},
    QuantityName{"airpressure", "pressure"},
    QuantityName{"pressure", "pressure"},
    QuantityName{"barometer", "pressure"},
    QuantityName{"press", "pressure"},
    QuantityName{"baro", "pressure"},
    QuantityName{"carbondioxide", "co2"},
    QuantityName{"co2concentration", "co2"},
    QuantityName{"co2", "co2"},
};

// Names that are units. Not "kelvin": that is the colour of a lamp.
constexpr std::array kUnitNames{
    KnownQuantity{"celsius", Unit::celsius},
    KnownQuantity{"fahrenheit", Unit::fahrenheit},
};

// What is compared of a key; false: the key is too long.
bool fold(std::string_view key, std::array<char, kKeyBytesMax>& bytes, std::size_t& size) {
  size = 0;
  for (const char c : key) {
    if (std::string_view(" _-()[]").contains(c)) continue;
    if (size == bytes.size()) return false;
    bytes[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return true;
}

}  // namespace

std::optional<KnownQuantity> known_quantity(std::string_view key) {
  std::array<char, kKeyBytesMax> bytes{};
  std::size_t size = 0;
  if (!fold(key, bytes, size)) return std::nullopt;
  const std::string_view folded(bytes.data(), size);
  for (const auto& [name, unit] : kUnitNames) {
    if (folded == name) return KnownQuantity{"temperature", unit};
  }
  for (const auto& [name, quantity] : kQuantityNames) {
    if (!folded.starts_with(name)) continue;
    if (folded.size() == name.size()) return KnownQuantity{quantity, Unit::unknown};
    const Unit unit = catalogue::find_unit(folded.substr(name.size()), ReadingRules::current);
    if (catalogue::convertible(unit, catalogue::kept_unit(quantity))) return KnownQuantity{quantity, unit};
  }
  return std::nullopt;
}

FieldMeaning meaning_of(const LineNames& names, std::string_view field, ReadingRules rules, MadeNames& made) {
  const auto quantity = quantity_of(names, field, made);
  if (!quantity) return {};
  const bool from_device_map = field == kValueField && names.quantity != names.measurement;
  if (rules == ReadingRules::current && !names.home_assistant && !from_device_map) {
    if (const auto known = known_quantity(*quantity)) return {true, known->quantity, known->unit};
  }
  return {true, *quantity, Unit::unknown};
}

}  // namespace temperature::mapping
