#include <algorithm>
#include <array>
#include <cstddef>

#include "catalogue/units.h"

// Which texts mean which unit.
namespace temperature::catalogue {
namespace {

struct Spelling {
  std::string_view written;
  Unit unit;
};

// What folders keep that were made when these were all. To add one here is to read an old folder's readings otherwise.
constexpr std::array<Spelling, 29> kFormerSpellings{{
    {"°C", Unit::celsius},
    {"C", Unit::celsius},
    {"c", Unit::celsius},
    {"degC", Unit::celsius},
    {"Cel", Unit::celsius},
    {"celsius", Unit::celsius},
    {"Celsius", Unit::celsius},
    {"℃", Unit::celsius},
    {"°F", Unit::fahrenheit},
    {"F", Unit::fahrenheit},
    {"f", Unit::fahrenheit},
    {"degF", Unit::fahrenheit},
    {"[degF]", Unit::fahrenheit},
    {"fahrenheit", Unit::fahrenheit},
    {"Fahrenheit", Unit::fahrenheit},
    {"℉", Unit::fahrenheit},
    {"K", Unit::kelvin},
    {"kelvin", Unit::kelvin},
    {"Kelvin", Unit::kelvin},
    {"%", Unit::percent},
    {"percent", Unit::percent},
    {"%RH", Unit::percent},
    {"%rH", Unit::percent},
    {"hPa", Unit::hectopascal},
    {"hpa", Unit::hectopascal},
    {"mbar", Unit::hectopascal},
    {"ppm", Unit::parts_per_million},
    {"PPM", Unit::parts_per_million},
    {"[ppm]", Unit::parts_per_million},
}};

// Where the case tells units apart. Without blanks and underscores.
constexpr std::array<Spelling, 9> kWithCase{{
    {"mb", Unit::hectopascal},
    {"MPa", Unit::megapascal},
    {"mW", Unit::milliwatt},
    {"MW", Unit::megawatt},
    {"MJ", Unit::megajoule},
    {"MWh", Unit::megawatt_hour},
    {"MWH", Unit::megawatt_hour},
    {"MW.h", Unit::megawatt_hour},
    {"MW·h", Unit::megawatt_hour},
}};

// Without case, blanks and underscores; "°" stands for every degree sign. "cel", "[degf]", "mm[hg]", "[ini'hg]",
// "[psi]", "[ppm]", "[ppb]" and "kw.h" are UCUM's.
constexpr std::array kSpellings{
    Spelling{"°c", Unit::celsius},
    Spelling{"c", Unit::celsius},
    Spelling{"cel", Unit::celsius},
    Spelling{"degc", Unit::celsius},
    Spelling{"degreec", Unit::celsius},
    Spelling{"degreesc", Unit::celsius},
    Spelling{"celsius", Unit::celsius},
    Spelling{"celcius", Unit::celsius},
    Spelling{"centigrade", Unit::celsius},
    Spelling{"°celsius", Unit::celsius},
    Spelling{"degcelsius", Unit::celsius},
    Spelling{"degreecelsius", Unit::celsius},
    Spelling{"degreescelsius", Unit::celsius},
    Spelling{"℃", Unit::celsius},
    Spelling{"°f", Unit::fahrenheit},
    Spelling{"f", Unit::fahrenheit},
    Spelling{"degf", Unit::fahrenheit},
    Spelling{"[degf]", Unit::fahrenheit},
    Spelling{"degreef", Unit::fahrenheit},
    Spelling{"degreesf", Unit::fahrenheit},
    Spelling{"fahrenheit", Unit::fahrenheit},
    Spelling{"farenheit", Unit::fahrenheit},
    Spelling{"°fahrenheit", Unit::fahrenheit},
    Spelling{"degfahrenheit", Unit::fahrenheit},
    Spelling{"degreefahrenheit", Unit::fahrenheit},
    Spelling{"degreesfahrenheit", Unit::fahrenheit},
    Spelling{"℉", Unit::fahrenheit},
    Spelling{"k", Unit::kelvin},
    Spelling{"\xe2\x84\xaa", Unit::kelvin},  // U+212A
    Spelling{"°k", Unit::kelvin},
    Spelling{"degk", Unit::kelvin},
    Spelling{"kelvin", Unit::kelvin},
    Spelling{"kelvins", Unit::kelvin},
    Spelling{"degreekelvin", Unit::kelvin},
    Spelling{"degreeskelvin", Unit::kelvin},
    Spelling{"%", Unit::percent},
    Spelling{"percent", Unit::percent},
    Spelling{"pct", Unit::percent},
    Spelling{"%rh", Unit::percent},
    Spelling{"rh%", Unit::percent},
    Spelling{"percentrh", Unit::percent},
    Spelling{"pa", Unit::pascal},
    Spelling{"pascal", Unit::pascal},
    Spelling{"pascals", Unit::pascal},
    Spelling{"hpa", Unit::hectopascal},
    Spelling{"hectopascal", Unit::hectopascal},
    Spelling{"hectopascals", Unit::hectopascal},
    Spelling{"mbar", Unit::hectopascal},
    Spelling{"millibar", Unit::hectopascal},
    Spelling{"millibars", Unit::hectopascal},
    Spelling{"kpa", Unit::kilopascal},
    Spelling{"kilopascal", Unit::kilopascal},
    Spelling{"kilopascals", Unit::kilopascal},
    Spelling{"megapascal", Unit::megapascal},
    Spelling{"megapascals", Unit::megapascal},
    Spelling{"bar", Unit::bar},
    Spelling{"bars", Unit::bar},
    Spelling{"atm", Unit::atmosphere},
    Spelling{"atmosphere", Unit::atmosphere},
    Spelling{"atmospheres", Unit::atmosphere},
    Spelling{"torr", Unit::torr},
    Spelling{"mmhg", Unit::millimetre_of_mercury},
    Spelling{"mm[hg]", Unit::millimetre_of_mercury},
    Spelling{"millimetresofmercury", Unit::millimetre_of_mercury},
    Spelling{"millimetersofmercury", Unit::millimetre_of_mercury},
    Spelling{"inhg", Unit::inch_of_mercury},
    Spelling{"[ini'hg]", Unit::inch_of_mercury},
    Spelling{"inchhg", Unit::inch_of_mercury},
    Spelling{"incheshg", Unit::inch_of_mercury},
    Spelling{"inchesofmercury", Unit::inch_of_mercury},
    Spelling{"\"hg", Unit::inch_of_mercury},
    Spelling{"psi", Unit::pound_per_square_inch},
    Spelling{"[psi]", Unit::pound_per_square_inch},
    Spelling{"lbf/in2", Unit::pound_per_square_inch},
    Spelling{"lbf/in²", Unit::pound_per_square_inch},
    Spelling{"poundspersquareinch", Unit::pound_per_square_inch},
    Spelling{"ppm", Unit::parts_per_million},
    Spelling{"[ppm]", Unit::parts_per_million},
    Spelling{"partspermillion", Unit::parts_per_million},
    Spelling{"ppb", Unit::parts_per_billion},
    Spelling{"[ppb]", Unit::parts_per_billion},
    Spelling{"partsperbillion", Unit::parts_per_billion},
    Spelling{"milliwatt", Unit::milliwatt},
    Spelling{"milliwatts", Unit::milliwatt},
    Spelling{"w", Unit::watt},
    Spelling{"watt", Unit::watt},
    Spelling{"watts", Unit::watt},
    Spelling{"kw", Unit::kilowatt},
    Spelling{"kilowatt", Unit::kilowatt},
    Spelling{"kilowatts", Unit::kilowatt},
    Spelling{"megawatt", Unit::megawatt},
    Spelling{"megawatts", Unit::megawatt},
    Spelling{"j", Unit::joule},
    Spelling{"joule", Unit::joule},
    Spelling{"joules", Unit::joule},
    Spelling{"kj", Unit::kilojoule},
    Spelling{"kilojoule", Unit::kilojoule},
    Spelling{"kilojoules", Unit::kilojoule},
    Spelling{"megajoule", Unit::megajoule},
    Spelling{"megajoules", Unit::megajoule},
    Spelling{"wh", Unit::watt_hour},
    Spelling{"w.h", Unit::watt_hour},
    Spelling{"w·h", Unit::watt_hour},
    Spelling{"watthour", Unit::watt_hour},
    Spelling{"watthours", Unit::watt_hour},
    Spelling{"kwh", Unit::kilowatt_hour},
    Spelling{"kw.h", Unit::kilowatt_hour},
    Spelling{"kw·h", Unit::kilowatt_hour},
    Spelling{"kilowatthour", Unit::kilowatt_hour},
    Spelling{"kilowatthours", Unit::kilowatt_hour},
    Spelling{"megawatthour", Unit::megawatt_hour},
    Spelling{"megawatthours", Unit::megawatt_hour},
};

template <class Spellings>
Unit look_up(const Spellings& spellings, std::string_view written) {
  const auto* found = std::ranges::find(spellings, written, &Spelling::written);
  return found == spellings.end() ? Unit::unknown : found->unit;
}

// A text without its blanks, U+00A0, U+202F and underscores, with one degree sign for all of them: U+00B0, the ordinal
// indicator U+00BA and the ring U+02DA that look like it, U+00B0 that was read as Latin-1 and written again ("Â°"), its
// byte in Latin-1, and HTML's word for it.
class Folded {
 public:
  explicit Folded(std::string_view written) {
    while (!written.empty() && fits_) take(written);
  }

  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  void to_lower_case() {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::transform(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_), bytes_.begin(), lower);
  }

 private:
  static constexpr std::size_t kBytesMax = 32;  // no spelling is longer

  void take(std::string_view& written) {
    for (const std::string_view dropped : {" ", "\t", "_", "\xc2\xa0", "\xe2\x80\xaf"}) {
      if (written.starts_with(dropped)) return written.remove_prefix(dropped.size());
    }
    for (const std::string_view degree : {"\xc3\x82\xc2\xb0", "\xc2\xb0", "\xc2\xba", "\xcb\x9a", "\xb0", "&deg;"}) {
      if (!written.starts_with(degree)) continue;
      written.remove_prefix(degree.size());
      return add("°");
    }
    // A letter of several bytes stays whole.
    std::size_t bytes = 1;
    while (bytes < written.size() && (static_cast<unsigned char>(written[bytes]) & 0xC0U) == 0x80U &&
           static_cast<unsigned char>(written[0]) >= 0xC0U) {
      ++bytes;
    }
    add(written.substr(0, bytes));
    written.remove_prefix(bytes);
  }

  void add(std::string_view text) {
    fits_ = size_ + text.size() <= kBytesMax;
    if (!fits_) return;
    std::ranges::copy(text, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
  }

  std::array<char, kBytesMax> bytes_{};
  std::size_t size_ = 0;
  bool fits_ = true;
};

}  // namespace

Unit find_unit(std::string_view written, ReadingRules rules) {
  if (rules == ReadingRules::former) return look_up(kFormerSpellings, written);
  Folded folded(written);
  if (!folded.fits()) return Unit::unknown;
  if (const Unit unit = look_up(kWithCase, folded.text()); unit != Unit::unknown) return unit;
  folded.to_lower_case();
  return look_up(kSpellings, folded.text());
}

std::string_view trimmed_unit(std::string_view written, ReadingRules rules) {
  if (rules == ReadingRules::former) return written;
  const auto blank_bytes = [&written](bool in_front) -> std::size_t {
    for (const std::string_view blank : {" ", "\xc2\xa0"}) {
      if (in_front ? written.starts_with(blank) : written.ends_with(blank)) return blank.size();
    }
    return 0;
  };
  for (std::size_t bytes = blank_bytes(true); bytes > 0; bytes = blank_bytes(true)) written.remove_prefix(bytes);
  for (std::size_t bytes = blank_bytes(false); bytes > 0; bytes = blank_bytes(false)) written.remove_suffix(bytes);
  return written;
}

}  // namespace temperature::catalogue
