#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "ingest/line_protocol.h"
#include "ingest/raw_reading.h"
#include "mapping/device_map.h"
#include "mapping/line_names.h"
#include "mapping/line_rules.h"
#include "mapping/passed_over.h"
#include "mapping/precision.h"
#include "mapping/series_cache.h"

namespace temperature::mapping {

// Fields of a body that are no readings.
struct FieldsPassedOver {
  std::uint64_t texts = 0;
  std::uint64_t booleans = 0;
  std::uint64_t numbers = 0;  // that Home Assistant sends beside `value`
};

// Turns lines into raw readings: one for each field with a number, named by the rules and the device map. What a series
// is called is looked at once; after that its lines are known by their bytes, and guessed to follow each other as they
// did last time. Not thread-safe: one for each thread.
class LineMapper {
 public:
  // Both must outlive the mapper.
  LineMapper(const LineRules& rules, const DeviceMaps& maps) : rules_(rules), maps_(maps) {}

  // Every line that is wrong, or whose sensor or room cannot be told, is counted in parsed.rejected_count once, and
  // harms no other; indices are lines, from 0. Views in `parsed` point into the body and the mapper, until its next
  // call. Errors: too_many_readings; overloaded (no memory).
  Result<FieldsPassedOver> map(std::string_view body, Precision precision, ingest::Parsed& parsed);

  // What is known of the fields that were passed over; PassedOver::all() from any thread.
  PassedOver& passed_over() { return passed_over_; }
  [[nodiscard]] const PassedOver& passed_over() const { return passed_over_; }

 private:
  struct Batch;

  void begin();
  void add_line(Batch& batch);
  void add_known(Batch& batch, KeptSeries& series);
  void add_unknown(Batch& batch);
  KeptSeries* series_of(const ingest::LinePoint& point);
  KeptField* field_of(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key);
  // Counts a field that is no number, `last` being the one before it (nullptr: none); returns what is kept of it.
  KeptField* pass_over(Batch& batch, KeptSeries& series, KeptField* last, const ingest::LineField& field);
  // The note on a field, made when there is none.
  PassedOver::Noted* note(Batch& batch, const KeptSeries& series, std::string_view key, PassedOverReason reason);
  void reject(Batch& batch, const LineNames& names);

  const LineRules& rules_;
  const DeviceMaps& maps_;
  std::shared_ptr<const DeviceMap> devices_;
  SeriesCache cache_;
  std::uint64_t hits_ = 0;          // since the cache was judged last
  std::uint64_t misses_ = 0;        // for want of room
  KeptSeries* previous_ = nullptr;  // of the line before; nullptr: not kept
  ingest::LineSeries taken_apart_;
  ingest::LinePoint point_;
  MadeNames made_;  // of series that are not kept; for one body
  PassedOver passed_over_;
};

}  // namespace temperature::mapping
