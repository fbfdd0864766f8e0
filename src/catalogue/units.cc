#include "catalogue/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace temperature::catalogue {
namespace {

__extension__ using Wide = __int128;  // an extension of g++ and clang++

enum class Dimension : std::uint8_t { none, temperature, relative_humidity, pressure, fraction, power, energy };

// A unit, and what one of it is in the first unit of its dimension: numerator / denominator, exactly.
struct Row {
  Unit unit;
  std::string_view name;
  Dimension dimension;
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};

// Factors: NIST SP 811 (2008), appendix B.8, from the exact definitions that it names: the pound 0.45359237 kg, the
// inch 0.0254 m, the standard gravity 9.80665 m/s2, mercury of 13595.1 kg/m3 for the conventional mmHg and inHg (UCUM's
// m[Hg] is 133.322 kPa, the same but for its last digits), the atmosphere 101325 Pa, the torr 1/760 of it.
constexpr std::array<Row, kUnits> kTable{{
    {Unit::unknown, "", Dimension::none},
    {Unit::celsius, "°C", Dimension::temperature},
    {Unit::fahrenheit, "°F", Dimension::temperature},
    {Unit::kelvin, "K", Dimension::temperature},
    {Unit::percent, "%", Dimension::relative_humidity},
    {Unit::pascal, "Pa", Dimension::pressure},
    {Unit::hectopascal, "hPa", Dimension::pressure, 100},
    {Unit::kilopascal, "kPa", Dimension::pressure, 1'000},
    {Unit::megapascal, "MPa", Dimension::pressure, 1'000'000},
    {Unit::bar, "bar", Dimension::pressure, 100'000},
    {Unit::atmosphere, "atm", Dimension::pressure, 101'325},
    {Unit::torr, "Torr", Dimension::pressure, 101'325, 760},
    {Unit::millimetre_of_mercury, "mmHg", Dimension::pressure, 133'322'387'415, 1'000'000'000},
    {Unit::inch_of_mercury, "inHg", Dimension::pressure, 3'386'388'640'341, 1'000'000'000},
    {Unit::pound_per_square_inch, "psi", Dimension::pressure, 44'482'216'152'605, 6'451'600'000},
    {Unit::parts_per_million, "ppm", Dimension::fraction, 1'000},
    {Unit::parts_per_billion, "ppb", Dimension::fraction},
    {Unit::milliwatt, "mW", Dimension::power},
    {Unit::watt, "W", Dimension::power, 1'000},
    {Unit::kilowatt, "kW", Dimension::power, 1'000'000},
    {Unit::megawatt, "MW", Dimension::power, 1'000'000'000},
    {Unit::joule, "J", Dimension::energy},
    {Unit::kilojoule, "kJ", Dimension::energy, 1'000},
    {Unit::megajoule, "MJ", Dimension::energy, 1'000'000},
    {Unit::watt_hour, "Wh", Dimension::energy, 3'600},
    {Unit::kilowatt_hour, "kWh", Dimension::energy, 3'600'000},
    {Unit::megawatt_hour, "MWh", Dimension::energy, 3'600'000'000},
}};

consteval bool rows_follow_units() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].unit) != i) return false;
  }
  return true;
}
static_assert(rows_follow_units());

constexpr const Row& row_of(Unit unit) {
  return kTable[static_cast<std::size_t>(unit)];
}

// A factor in its lowest terms; both are exact doubles wherever they fit 53 bits.
struct Factor {
  double numerator = 1;
  double denominator = 1;
};

constexpr Factor factor_between(const Row& given, const Row& kept) {
  const Wide numerator = Wide{given.numerator} * kept.denominator;
  const Wide denominator = Wide{given.denominator} * kept.numerator;
  Wide a = numerator;
  Wide b = denominator;
  while (b != 0) {  // Euclid's greatest common divisor
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  const Wide numerator_reduced = numerator / a;  // whole: a divides both
  const Wide denominator_reduced = denominator / a;
  return {static_cast<double>(numerator_reduced), static_cast<double>(denominator_reduced)};
}

using Factors = std::array<std::array<Factor, kUnits>, kUnits>;

constexpr Factors kFactors = [] {
  Factors factors{};
  for (const Row& given : kTable) {
    for (const Row& kept : kTable) {
      if (given.dimension != kept.dimension) continue;
      factors[static_cast<std::size_t>(given.unit)][static_cast<std::size_t>(kept.unit)] = factor_between(given, kept);
    }
  }
  return factors;
}();

// The product as the sum of two doubles, then the quotient with its remainder (Dekker, "A floating-point technique for
// extending the available precision", 1971): rounded once, since a quotient of such numbers that is not exactly between
// two doubles is farther from the middle than what is neglected here.
double times(double value, const Factor& factor) {
  if (factor.numerator == 1) return value / factor.denominator;
  if (factor.denominator == 1) return value * factor.numerator;
  const double product = value * factor.numerator;
  const double product_rest = std::fma(value, factor.numerator, -product);
  const double quotient = product / factor.denominator;
  if (!std::isfinite(quotient)) return quotient;
  const double rest = std::fma(-quotient, factor.denominator, product) + product_rest;
  return quotient + rest / factor.denominator;
}

double temperature_between(double value, UnitChange change) {
  if (change.given == Unit::fahrenheit) value = (value - 32) * 5 / 9;
  if (change.given == Unit::kelvin) value -= 273.15;
  if (change.kept == Unit::fahrenheit) return value * 9 / 5 + 32;
  if (change.kept == Unit::kelvin) return value + 273.15;
  return value;
}

struct BuiltIn {
  std::string_view quantity;
  Unit unit;
};

constexpr std::array<BuiltIn, 4> kBuiltIn{{
    {"temperature", Unit::celsius},
    {"humidity", Unit::percent},
    {"pressure", Unit::hectopascal},
    {"co2", Unit::parts_per_million},
}};

}  // namespace

std::optional<std::string_view> built_in_unit(std::string_view quantity) {
  const Unit unit = kept_unit(quantity);
  return unit == Unit::unknown ? std::nullopt : std::optional(unit_name(unit));
}

Unit kept_unit(std::string_view quantity) {
  const auto* found = std::ranges::find(kBuiltIn, quantity, &BuiltIn::quantity);
  return found == kBuiltIn.end() ? Unit::unknown : found->unit;
}

std::string_view unit_name(Unit unit) {
  return row_of(unit).name;
}

bool convertible(Unit given, Unit kept) {
  return given != Unit::unknown && row_of(given).dimension == row_of(kept).dimension;
}

std::optional<UnitChange> change_of(std::string_view quantity, std::string_view kept, std::string_view given,
                                    ReadingRules rules) {
  if (kept == given) return UnitChange{};
  const Unit given_unit = find_unit(given, rules);
  const Unit unit = find_unit(kept, rules);
  if (given_unit == Unit::unknown || unit == Unit::unknown) {
    if (trimmed_unit(kept, rules) == trimmed_unit(given, rules)) return UnitChange{};
    return std::nullopt;
  }
  if (given_unit == unit) return UnitChange{};
  const bool converts = rules == ReadingRules::current || quantity == "temperature";
  if (!converts || !convertible(given_unit, unit)) return std::nullopt;
  return UnitChange{given_unit, unit};
}

double converted(double value, UnitChange change) {
  if (change.none()) return value;
  CHECK(convertible(change.given, change.kept));
  if (row_of(change.given).dimension == Dimension::temperature) return temperature_between(value, change);
  return times(value, kFactors[static_cast<std::size_t>(change.given)][static_cast<std::size_t>(change.kept)]);
}

}  // namespace temperature::catalogue
