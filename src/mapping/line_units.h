#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/line_protocol.h"
#include "ingest/raw_reading.h"
#include "mapping/line_names.h"
#include "mapping/line_rules.h"
#include "model/unit.h"

namespace temperature::mapping {

// What the tags and fields of a line that are about the unit say. A plain value; the views are whoever's gave them.
struct LineUnit {
  struct Word {
    std::string_view key;
    std::string_view text;
  };

  Unit unit = Unit::unknown;
  Word known;    // that said so
  Word other;    // that says another known unit; without a key: none does
  Word unknown;  // that is no known unit; without a key: there is none

  // Blank texts say nothing.
  void add(Word word);

  [[nodiscard]] bool contradicts() const { return !other.key.empty(); }
  [[nodiscard]] bool says_nothing() const { return unit == Unit::unknown && unknown.key.empty(); }
};

// Whether a tag or a field with a string is about the unit; `key` as it is written, in capitals or small letters.
bool is_unit_key(const LineRules& rules, std::string_view key);

// What a series' tags say. Views: into the series or the names made.
LineUnit unit_of(const ingest::LineSeries& series, const LineRules& rules, MadeNames& made);

// A field of a line that is a reading.
struct PointReading {
  const ingest::LineField* field = nullptr;
  std::string_view quantity;
  Unit unit = Unit::unknown;           // in: that the field's key names; out: that of the value
  ingest::SeriesMemo* memo = nullptr;  // out: nullptr where it would not be of this unit
  bool shared = false;                 // out: the unit may be another field's
};

// What became of a line's readings besides those that are taken.
struct PointJudgement {
  std::vector<Error> refused;  // unit_mismatch; field_repeated: two fields for one quantity do not agree
  std::uint64_t repeated = 0;  // readings passed over, because another field says the same
};

// Gives each reading of one line its unit, and leaves one of those that are of one built-in quantity: that in the
// quantity's own unit, else the first. They must agree: temperatures within 0.1 K, others within a thousandth.
// `of_point`: whether a field, and not only tags, said what `unit` is. `others_left_out`: whether the line had numbers
// that are not to be readings; the unit may be theirs.
void judge(std::vector<PointReading>& readings, const LineUnit& unit, bool of_point, bool others_left_out,
           const LineNames& names, PointJudgement& judgement);

}  // namespace temperature::mapping
