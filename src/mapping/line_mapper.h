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

namespace temperature::mapping {

// A bit for the first byte of a key, modulo 64.
inline std::uint64_t first_byte_bit(std::string_view key) {
  return key.empty() ? 0 : std::uint64_t{1} << (static_cast<unsigned char>(key.front()) & 63U);
}

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
// did last time. What is known of a series lasts beyond its body only when a line of it was taken, so that nobody fills
// a mapper's memory with what he may not write. Not thread-safe: one for each thread.
class LineMapper {
 public:
  // All must outlive the mapper. `counts` may be shared by several, and nullptr.
  LineMapper(const LineRules& rules, const DeviceMaps& maps, SensorNameCounts* counts = nullptr)
      : rules_(rules), maps_(maps), counts_(counts) {}

  // Every line that is wrong, or whose sensor or room cannot be told, is counted in parsed.rejected_count once, and
  // harms no other; a field whose number is bad (ingest::is_bad_number) once for itself, and harms no other field.
  // Strings that are no numbers where one belongs are passed over. Indices are lines, from 0. `sensor_id` is the sensor
  // whose token sent the body, which decides what its lines are called: see read_tags(); empty: none's. `restricted`:
  // the sender may not write everything; the fields that are passed over are noted of what is kept alone. Views in
  // `parsed` point into the body and the mapper, until its next call. Errors: too_many_readings; shutting_down
  // (parsed.stopping); overloaded (no memory).
  Result<FieldsPassedOver> map(std::string_view body, Precision precision, ingest::Parsed& parsed,
                               std::string_view sensor_id = {}, bool restricted = false);

  // Keeps what the last body taught of series of which lines were taken (parsed.taken), and forgets the rest, as map()
  // does when this was not called.
  void keep_taken();

  // What is known of the fields that were passed over; PassedOver::all() from any thread.
  PassedOver& passed_over() { return passed_over_; }
  [[nodiscard]] const PassedOver& passed_over() const { return passed_over_; }

 private:
  struct Batch;

  void begin();
  void add_line(Batch& batch);
  void add_known(Batch& batch, KeptSeries& series);
  void add_unknown(Batch& batch);
  void add_not_kept(Batch& batch);
  // Adds a series to what is kept or on trial. REQUIRES: it is sound. taken_apart_ has it then.
  KeptSeries& learn(std::string_view written, SeriesCache& cache);
  // The field of that key, wherever it stood before; else a new one behind all others. nullptr: it is worked out for
  // this line alone.
  KeptField* field_of(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key);
  KeptField& add_field(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key);
  [[nodiscard]] bool has_room(const KeptSeries& series, std::string_view key) const;
  void ask_what_is_taken(ingest::Parsed& parsed);
  void keep(const KeptSeries& tried);
  void forget_trial();
  PassedOverReason reason_of(const LineNames& names, const ingest::LineField& field);
  // Counts a field that is no number, `last` being the one before it (nullptr: none); returns what is kept of it.
  KeptField* pass_over(Batch& batch, KeptSeries& series, KeptField* last, const ingest::LineField& field);
  // Has a field point to the note on it, which is made when there is none.
  void note(Batch& batch, const KeptSeries& series, KeptField& field, PassedOverReason reason);
  // A line whose fields have to be looked at together, for what they say about units. `series`: nullptr when not kept.
  void add_together(Batch& batch, const LineNames& names, const std::optional<LineUnit>& of_tags, KeptSeries* series);
  void keep_unit(KeptSeries& series, KeptField& field);
  // A number, good or bad, that is not to be a reading.
  [[nodiscard]] bool is_left_out(const ingest::LineField& field) const;
  [[nodiscard]] bool is_about_unit(const ingest::LineField& field) const;
  void reject(Batch& batch, const LineNames& names);
  void settle_fields(Batch& batch, const LineNames& names, KeptSeries* series);
  bool becomes_number(Batch& batch, const LineNames& names, ingest::LineField& field);

  // Of a line that gave readings, whose series is on trial; nullptr: there was no room for it.
  struct TriedSeries {
    KeptSeries* series;
    std::uint32_t line;  // from 0
  };
  // A field that a kept series did not have.
  struct TriedField {
    KeptSeries* series;
    std::string_view key;
    std::uint32_t line;
    bool passed_over;
  };

  const LineRules& rules_;
  const DeviceMaps& maps_;
  SensorNameCounts* counts_;
  std::shared_ptr<const DeviceMap> devices_;
  SeriesCache cache_;
  SeriesCache trial_;  // what a body brings that is not kept (yet)
  std::vector<TriedSeries> tried_;
  std::vector<TriedField> tried_fields_;
  std::vector<bool> taken_;  // by line: Parsed::taken
  bool restricted_ = false;
  std::size_t comparisons_left_ = 0;  // of fields in another order than before, in this body
  std::uint64_t hits_ = 0;            // since the cache was judged last
  std::uint64_t misses_ = 0;          // for want of room
  KeptSeries* previous_ = nullptr;    // of the line before; nullptr: not kept
  ingest::LineSeries taken_apart_;
  ingest::LinePoint point_;
  MadeNames made_;                          // of series that are not kept; for one body
  std::uint64_t unit_keys_begin_ = 0;       // a bit for each byte, modulo 64, with which a key about the unit begins
  std::vector<LineUnit::Word> unit_words_;  // of the point's fields; good when unit_in_point_
  bool unit_in_point_ = false;
  bool left_out_in_point_ = false;  // numbers that LineRules::fields does not take
  std::vector<PointReading> together_;
  PointJudgement judgement_;
  PassedOver passed_over_;
};

}  // namespace temperature::mapping
