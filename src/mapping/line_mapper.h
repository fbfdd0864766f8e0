#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/line_protocol.h"
#include "ingest/raw_reading.h"
#include "mapping/device_map.h"
#include "mapping/line_names.h"
#include "mapping/line_rules.h"
#include "mapping/line_units.h"
#include "mapping/passed_over.h"
#include "mapping/precision.h"
#include "mapping/sensor_name_counts.h"
#include "mapping/series_cache.h"
#include "mapping/text_numbers.h"

namespace temperature::mapping {

// Fields of a body that are no readings.
struct FieldsPassedOver {
  std::uint64_t texts = 0;
  std::uint64_t booleans = 0;
  std::uint64_t left_out = 0;  // numbers that LineRules::fields does not take
  std::uint64_t numbers = 0;   // that Home Assistant sends beside `value`, or that say what another field says
  std::uint64_t units = 0;     // readings whose line names a unit that is not known: they are taken without one
  std::string_view unit = {};  // one of those; into the body or the mapper
};

// Turns lines into raw readings: one for each field with a number, named by the rules and the device map. What a series
// is called is looked at once; after that its lines are known by their bytes, and guessed to follow each other as they
// did last time. Not thread-safe: one for each thread.
class LineMapper {
 public:
  // All must outlive the mapper. `counts` may be shared by several, and nullptr.
  LineMapper(const LineRules& rules, const DeviceMaps& maps, SensorNameCounts* counts = nullptr)
      : rules_(rules), maps_(maps), counts_(counts) {}

  // Every line that is wrong, or whose sensor or room cannot be told, is counted in parsed.rejected_count once, and
  // harms no other; a field whose number is bad (ingest::is_bad_number) once for itself, and harms no other field.
  // Strings that are no numbers where one belongs are passed over. Indices are lines, from 0. `sensor_id` is the sensor
  // whose token sent the body, which decides what its lines are called: see read_tags(); empty: none's. Views in
  // `parsed` point into the body and the mapper, until its next call. Errors: too_many_readings; overloaded (no
  // memory).
  Result<FieldsPassedOver> map(std::string_view body, Precision precision, ingest::Parsed& parsed,
                               std::string_view sensor_id = {});

  // What is known of the fields that were passed over; PassedOver::all() from any thread.
  PassedOver& passed_over() { return passed_over_; }
  [[nodiscard]] const PassedOver& passed_over() const { return passed_over_; }

 private:
  struct Batch;

  void begin();
  void add_line(Batch& batch);
  void add_known(Batch& batch, KeptSeries& series);
  void add_unknown(Batch& batch);
  KeptSeries& keep_series();
  KeptField* field_of(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key);
  PassedOverReason reason_of(const LineNames& names, const ingest::LineField& field) {
    if (field.kind == ingest::LineField::Kind::boolean) return PassedOverReason::boolean;
    if (field.kind != ingest::LineField::Kind::text) return PassedOverReason::left_out;
    const bool belongs = !names.refused && rules_.fields.takes(field.key) &&
                         takes_text(field.key, rules_.reading_rules) && quantity_of(names, field.key, made_);
    return belongs ? PassedOverReason::no_number : PassedOverReason::text;
  }
  // Counts a field that is no number, `last` being the one before it (nullptr: none); returns what is kept of it.
  KeptField* pass_over(Batch& batch, KeptSeries& series, KeptField* last, const ingest::LineField& field);
  // The note on a field, made when there is none.
  PassedOver::Noted* note(Batch& batch, const KeptSeries& series, std::string_view key, PassedOverReason reason);
  // A line whose fields have to be looked at together, for what they say about units. `series`: nullptr when not kept.
  void add_together(Batch& batch, const LineNames& names, const std::optional<LineUnit>& of_tags, KeptSeries* series);
  void keep_unit(KeptSeries& series, KeptField& field);
  // A number, good or bad, that is not to be a reading.
  [[nodiscard]] bool is_left_out(const ingest::LineField& field) const {
    using Kind = ingest::LineField::Kind;
    return (field.kind == Kind::number || field.kind == Kind::bad_number) && !rules_.fields.takes(field.key);
  }
  [[nodiscard]] bool is_about_unit(const ingest::LineField& field) const;
  void reject(Batch& batch, const LineNames& names);
  void settle_fields(Batch& batch, const LineNames& names, KeptSeries* series);
  bool becomes_number(Batch& batch, const LineNames& names, ingest::LineField& field);
  void count_names();

  const LineRules& rules_;
  const DeviceMaps& maps_;
  SensorNameCounts* counts_;
  std::shared_ptr<const DeviceMap> devices_;
  SeriesCache cache_;
  std::uint64_t hits_ = 0;          // since the cache was judged last
  std::uint64_t misses_ = 0;        // for want of room
  KeptSeries* previous_ = nullptr;  // of the line before; nullptr: not kept
  ingest::LineSeries taken_apart_;
  ingest::LinePoint point_;
  MadeNames made_;                          // of series that are not kept; for one body
  std::uint64_t unit_keys_begin_ = 0;       // a bit for each byte, modulo 64, with which a key about the unit begins
  std::vector<LineUnit::Word> unit_words_;  // of the point's fields; good when unit_in_point_
  bool unit_in_point_ = false;
  std::vector<PointReading> together_;
  PointJudgement judgement_;
  PassedOver passed_over_;
};

}  // namespace temperature::mapping
