#include "mapping/line_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "catalogue/units.h"

namespace temperature::mapping {
namespace {

using ingest::LineName;

constexpr double kKelvinsApart = 0.1 + 1e-9;  // a tenth in decimals is no double
constexpr double kPartApart = 0.001;

// Readings of one quantity.
struct OfQuantity {
  PointReading* counts = nullptr;
  bool refused = false;
};

double in_kept_unit(const PointReading& reading, Unit kept) {
  if (!catalogue::convertible(reading.unit, kept)) return reading.field->number;
  return catalogue::converted(reading.field->number, {reading.unit, kept});
}

bool agree(double a, double b, Unit kept) {
  if (kept == Unit::celsius) return std::abs(a - b) <= kKelvinsApart;
  return std::abs(a - b) <= kPartApart * std::max(std::abs(a), std::abs(b));
}

bool is_kept(const PointReading& reading, Unit kept) {
  return reading.unit == Unit::unknown || reading.unit == kept;
}

std::string text_of_field(const PointReading& reading) {
  const std::string unit = reading.unit == Unit::unknown ? "" : fmt::format(" {}", catalogue::unit_name(reading.unit));
  return fmt::format("\"{}\" ({}{})", reading.field->key, reading.field->number, unit);
}

// Its own unit, or the line's; false when they contradict each other.
bool give_unit(PointReading& reading, const LineUnit& line, bool alone, const LineNames& names) {
  if (reading.unit == Unit::unknown && reading.field->key == kValueField) {
    reading.unit = catalogue::find_unit(names.unit, ReadingRules::current);
  }
  if (line.unit == Unit::unknown || reading.unit == line.unit) return true;
  if (reading.unit != Unit::unknown) return !alone && !catalogue::convertible(reading.unit, line.unit);
  reading.unit = line.unit;
  reading.shared =
      !alone && reading.field->key != kValueField && catalogue::kept_unit(reading.quantity) == Unit::unknown;
  return true;
}

Error contradiction(const PointReading& reading, const LineUnit& line) {
  return {ErrorCode::unit_mismatch, fmt::format("the field \"{}\" is in {}, but {} says \"{}\"", reading.field->key,
                                                catalogue::unit_name(reading.unit), line.known.key, line.known.text)};
}

// Readings without a quantity are taken out.
void leave_one_of_each_quantity(std::vector<PointReading>& readings, PointJudgement& judgement) {
  std::array<OfQuantity, kUnits> of_quantity{};  // by the unit in which it is kept
  for (PointReading& reading : readings) {
    const Unit kept = catalogue::kept_unit(reading.quantity);
    if (kept == Unit::unknown) continue;  // of a quantity that is not built in
    OfQuantity& its = of_quantity[static_cast<std::size_t>(kept)];
    if (its.counts == nullptr) {
      its.counts = &reading;
      continue;
    }
    if (its.counts->field->key == reading.field->key) continue;  // a repeat, or a conflict, as of any other reading
    if (!its.refused && !agree(in_kept_unit(*its.counts, kept), in_kept_unit(reading, kept), kept)) {
      its.refused = true;
      judgement.refused.push_back({ErrorCode::field_repeated,
                                   fmt::format("the fields {} and {} are both {}, and do not agree",
                                               text_of_field(*its.counts), text_of_field(reading), reading.quantity)});
    }
    if (!its.refused) ++judgement.repeated;
    const bool better = is_kept(reading, kept) && !is_kept(*its.counts, kept);
    (better ? *its.counts : reading).quantity = {};
    if (better) its.counts = &reading;
  }
  std::erase_if(readings, [&](const PointReading& reading) {
    if (reading.quantity.data() == nullptr) return true;
    return of_quantity[static_cast<std::size_t>(catalogue::kept_unit(reading.quantity))].refused;
  });
}

bool same_without_case(std::string_view a, std::string_view b) {
  constexpr auto kSmall = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, kSmall, kSmall);
}

}  // namespace

void LineUnit::add(Word word) {
  if (catalogue::trimmed_unit(word.text, ReadingRules::current).empty()) return;
  const Unit said = catalogue::find_unit(word.text, ReadingRules::current);
  if (said == Unit::unknown) {
    unknown = word;
  } else if (unit == Unit::unknown) {
    unit = said;
    known = word;
  } else if (said != unit) {
    other = word;
  }
}

bool is_unit_key(const LineRules& rules, std::string_view key) {
  return std::ranges::any_of(rules.unit_tags, [key](const std::string& tag) { return same_without_case(tag, key); });
}

LineUnit unit_of(const ingest::LineSeries& series, const LineRules& rules, MadeNames& made) {
  LineUnit unit;
  for (const auto& tag : series.tags()) {
    if (!is_unit_key(rules, tag.key)) continue;
    std::string_view text = tag.value;
    if (text.contains('\\')) text = made.emplace_back(unescape_line_name(text, LineName::key_or_value));
    unit.add({tag.key, text});
  }
  return unit;
}

void judge(std::vector<PointReading>& readings, const LineUnit& unit, bool of_point, bool others_left_out,
           const LineNames& names, PointJudgement& judgement) {
  judgement.refused.clear();
  judgement.repeated = 0;
  if (readings.empty()) return;
  if (readings.size() == 1 && unit.says_nothing() && !of_point) return;  // there is nothing to compare it with
  if (unit.contradicts()) {
    readings.clear();
    judgement.refused.push_back(
        {ErrorCode::unit_mismatch, fmt::format("{} says the unit is \"{}\", and {} says it is \"{}\"", unit.known.key,
                                               unit.known.text, unit.other.key, unit.other.text)});
    return;
  }
  const bool alone = readings.size() == 1 && !others_left_out;
  std::vector<std::string_view> contradicted;  // quantities: then none of their fields is taken
  for (PointReading& reading : readings) {
    if (!give_unit(reading, unit, alone, names)) {
      judgement.refused.push_back(contradiction(reading, unit));
      contradicted.push_back(reading.quantity);
    }
    if (of_point || reading.shared) reading.memo = nullptr;
  }
  if (!contradicted.empty()) {
    std::ranges::sort(contradicted);  // a line may have any number of fields
    std::erase_if(readings, [&](const PointReading& reading) {
      return std::ranges::binary_search(contradicted, reading.quantity);
    });
  }
  leave_one_of_each_quantity(readings, judgement);
}

}  // namespace temperature::mapping
