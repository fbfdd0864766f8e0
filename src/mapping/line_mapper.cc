#include "mapping/line_mapper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reject_limits.h"
#include "base/utf8.h"
#include "catalogue/units.h"
#include "mapping/field_names.h"
#include "mapping/series_cache.h"
#include "mapping/text_numbers.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::mapping {
namespace {

using ingest::LineFault;
using ingest::LineField;
using ingest::LineReader;

}  // namespace

// One body on its way.
struct LineMapper::Batch {
  LineReader reader;
  Precision precision;
  ingest::Parsed& parsed;
  FieldsPassedOver passed_over;
  std::string_view sensor_id;

  [[nodiscard]] std::uint32_t index(const ingest::LinePoint& point) const { return point.line - 1; }

  // `names`: a LineNames or a KeptSeries. `unit`: another than theirs, unless it is unknown.
  template <class Names>
  ingest::RawReading& add(const ingest::LinePoint& point, const Names& names, std::string_view quantity, Unit unit,
                          const LineField& field, ingest::SeriesMemo* memo) {
    ingest::RawReading& reading = parsed.readings.emplace_back();
    reading.building = names.building;
    reading.room = names.room;
    reading.sensor = names.sensor;
    reading.quantity = quantity;
    reading.unit = unit == Unit::unknown ? names.unit : catalogue::unit_name(unit);
    if (point.timestamp) reading.timestamp_ms = to_milliseconds(*point.timestamp, precision) + point.thousandths;
    reading.value = field.number;
    reading.index = index(point);
    reading.memo = memo;
    return reading;
  }

  void reject_fault(const ingest::LinePoint& point, LineFault fault) {
    ingest::reject(parsed, index(point), ErrorCode::malformed_line, reader.text(), [&] {
      return Error{ErrorCode::malformed_line, fmt::format("the line cannot be read: {}", text_of(fault))};
    });
  }
};

Result<FieldsPassedOver> LineMapper::map(std::string_view body, Precision precision, ingest::Parsed& parsed,
                                         std::string_view sensor_id, bool restricted) {
  parsed.clear();
  parsed.times_in = precision;
  parsed.lines = body;
  restricted_ = restricted;
  begin();
  if (rules_.reading_rules == ReadingRules::former) sensor_id = {};
  using Decimals = LineReader::Decimals;
  const Decimals decimals = precision == Precision::seconds ? Decimals::taken : Decimals::refused;
  Batch batch{.reader = LineReader(body, decimals),
              .precision = precision,
              .parsed = parsed,
              .passed_over = {},
              .sensor_id = sensor_id};
  for (std::size_t lines = 0;; ++lines) {
    if (parsed.stops_at(lines)) {
      parsed.clear();
      return ingest::stopped();
    }
    const KeptSeries* guess = previous_ == nullptr ? nullptr : previous_->followed_by;
    const auto found = batch.reader.next(point_, guess == nullptr ? std::string_view() : guess->written);
    if (found == LineReader::Found::end) {
      ask_what_is_taken(parsed);
      return batch.passed_over;
    }
    if (found == LineReader::Found::fault) {
      batch.reject_fault(point_, batch.reader.fault());
    } else {
      add_line(batch);
    }
    if (parsed.readings.size() + parsed.rejected_count > limits::kReadingsPerBatchMax) {
      parsed.clear();
      return failure(
          ErrorCode::too_many_readings,
          fmt::format("a request may have at most {} readings: send them in several", limits::kReadingsPerBatchMax));
    }
  }
}

void LineMapper::add_line(Batch& batch) {
  KeptSeries* series = point_.as_expected ? previous_->followed_by : cache_.find(point_.series);
  if (series == nullptr && !trial_.empty()) series = trial_.find(point_.series);
  if (series != nullptr) {
    hits_ += series->on_trial ? 0 : 1;
  } else {
    if (cache_.full() || trial_.full() || point_.series.size() > limits::kLineSeriesBytesMax) {
      previous_ = nullptr;
      return add_not_kept(batch);
    }
    if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
      return batch.reject_fault(point_, fault);
    }
    series = &learn(point_.series, trial_);
    series->on_trial = true;
  }
  // What is kept must not point to what is on trial.
  if (previous_ != nullptr && (previous_->on_trial || !series->on_trial)) previous_->followed_by = series;
  previous_ = series;
  const std::size_t readings = batch.parsed.readings.size();
  const std::uint64_t rejected = batch.parsed.rejected_count;
  // What is kept is what senders in general call the series.
  if (!batch.sensor_id.empty() && batch.sensor_id != series->sensor) {
    add_unknown(batch);
  } else {
    add_known(batch, *series);
  }
  if (!series->on_trial) return;
  if (batch.parsed.readings.size() > readings) {
    tried_.push_back({.series = series, .line = batch.index(point_)});
  } else if (!restricted_ && batch.parsed.rejected_count == rejected) {
    series->wanted = true;  // nothing that could be refused
  }
}

void LineMapper::add_not_kept(Batch& batch) {
  const std::size_t readings = batch.parsed.readings.size();
  add_unknown(batch);
  if (cache_.full() && batch.parsed.readings.size() > readings) {
    tried_.push_back({.series = nullptr, .line = batch.index(point_)});
  }
}

void LineMapper::add_known(Batch& batch, KeptSeries& series) {
  settle_fields(batch, series.known->names, &series);
  if (!series.plain || unit_in_point_) return add_together(batch, series.known->names, series.known->unit, &series);
  const std::size_t readings_before = batch.parsed.readings.size();
  std::uint64_t no_readings = 0;
  KeptField* last = nullptr;
  for (const LineField& field : point_.fields) {
    KeptField* next = last == nullptr ? series.first : last->next;
    if (next == nullptr || next->key != field.key) [[unlikely]] {
      next = field_of(series, series.first, last, field.key);
      if (next == nullptr || !series.plain) {
        batch.parsed.readings.resize(readings_before);
        return add_together(batch, series.known->names, series.known->unit, &series);
      }
    }
    if (next->reading) {
      batch.add(point_, series, next->quantity, next->unit, field, &next->memo);
    } else {
      if (!next->noted) note(batch, series, *next, PassedOverReason::attribute);
      ++no_readings;
      if (next->passed_over != nullptr) next->passed_over->count(passed_over_.at_ms());
    }
    last = next;
  }
  batch.passed_over.numbers += no_readings;
}

void LineMapper::add_together(Batch& batch, const LineNames& names, const std::optional<LineUnit>& of_tags,
                              KeptSeries* series) {
  LineUnit unit = of_tags.value_or(LineUnit{});
  KeptField* last = nullptr;
  together_.clear();
  for (const LineField& field : point_.fields) {
    if (names.refused) return reject(batch, names);
    KeptField* kept = series == nullptr ? nullptr : (last == nullptr ? series->first : last->next);
    if (series != nullptr && (kept == nullptr || kept->key != field.key))
      kept = field_of(*series, series->first, last, field.key);
    if (kept != nullptr) last = kept;
    FieldMeaning meaning;
    if (kept == nullptr) {
      meaning = meaning_of(names, field.key, rules_.reading_rules, made_);
    } else if (kept->reading) {
      meaning = {true, kept->quantity, kept->unit};
    }
    if (meaning.reading) {
      together_.push_back({&field, meaning.quantity, meaning.unit, kept == nullptr ? nullptr : &kept->memo});
    } else {
      ++batch.passed_over.numbers;
    }
  }
  if (rules_.reading_rules == ReadingRules::current) {
    if (unit_in_point_) {
      for (const LineUnit::Word& word : unit_words_) unit.add(word);
    }
    judge(together_, unit, unit_in_point_, left_out_in_point_, names, judgement_);
    batch.passed_over.numbers += judgement_.repeated;
    for (Error& error : judgement_.refused) {
      const ErrorCode code = error.code;
      ingest::reject(batch.parsed, batch.index(point_), code, batch.reader.text(), [&] { return std::move(error); });
    }
    if (!unit.unknown.key.empty()) {
      batch.passed_over.units += together_.size();
      batch.passed_over.unit = unit.unknown.text;
    }
  }
  for (const PointReading& each : together_) {
    batch.add(point_, names, each.quantity, each.unit, *each.field, each.memo).unit_shared = each.shared;
  }
}

bool LineMapper::is_about_unit(const LineField& field) const {
  return field.kind == LineField::Kind::text && (unit_keys_begin_ & first_byte_bit(field.key)) != 0 &&
         is_unit_key(rules_, field.key);
}

bool LineMapper::is_left_out(const LineField& field) const {
  return (field.kind == LineField::Kind::number || field.kind == LineField::Kind::bad_number) &&
         !rules_.fields.takes(field.key);
}

PassedOverReason LineMapper::reason_of(const LineNames& names, const LineField& field) {
  if (field.kind == LineField::Kind::boolean) return PassedOverReason::boolean;
  if (field.kind != LineField::Kind::text) return PassedOverReason::left_out;
  const bool belongs = !names.refused && rules_.fields.takes(field.key) &&
                       takes_text(field.key, rules_.reading_rules) && quantity_of(names, field.key, made_);
  return belongs ? PassedOverReason::no_number : PassedOverReason::text;
}

KeptField* LineMapper::pass_over(Batch& batch, KeptSeries& series, KeptField* last, const LineField& field) {
  KeptField* next = last == nullptr ? series.first_passed_over : last->next;
  if (next == nullptr || next->key != field.key) [[unlikely]] {
    next = field_of(series, series.first_passed_over, last, field.key);
    if (next == nullptr) return last;  // not to be kept
  }
  if (!next->noted) note(batch, series, *next, reason_of(series.known->names, field));
  if (next->passed_over != nullptr) next->passed_over->count(passed_over_.at_ms());
  return next;
}

void LineMapper::note(Batch& batch, const KeptSeries& series, KeptField& field, PassedOverReason reason) {
  field.noted = true;
  if (restricted_ && series.on_trial) return;  // it may be a line that the sender may not write
  field.passed_over = passed_over_.note(
      series.written, {.reason = reason,
                       .key = std::string(field.key),
                       .building = std::string(series.building),
                       .room = std::string(series.room),
                       .sensor = std::string(series.sensor),
                       .line = point_.line,
                       .text = std::string(utf8_prefix(batch.reader.text(), limits::kRejectTextBytesMax))});
}

void LineMapper::add_unknown(Batch& batch) {
  if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
    return batch.reject_fault(point_, fault);
  }
  const LineNames names = names_of(taken_apart_, rules_, *devices_, made_, batch.sensor_id);
  std::optional<LineUnit> unit;
  if (rules_.reading_rules == ReadingRules::current) unit = unit_of(taken_apart_, rules_, made_);
  settle_fields(batch, names, nullptr);
  add_together(batch, names, unit, nullptr);
}

// Leaves the line's numbers: a string that is one becomes one, what strings say of the unit is kept apart, and what is
// neither is done with.
void LineMapper::settle_fields(Batch& batch, const LineNames& names, KeptSeries* series) {
  unit_in_point_ = left_out_in_point_ = false;
  const auto is_number = [](const LineField& field) { return field.kind == LineField::Kind::number; };
  if (rules_.fields.takes_all() && std::ranges::all_of(point_.fields, is_number)) [[likely]]
    return;
  unit_words_.clear();
  std::size_t kept = 0;
  KeptField* last = nullptr;
  for (LineField& field : point_.fields) {
    if (is_left_out(field)) {
      ++batch.passed_over.left_out;
      left_out_in_point_ = true;
      if (series != nullptr) last = pass_over(batch, *series, last, field);
    } else if (is_number(field) || becomes_number(batch, names, field)) {
      point_.fields[kept++] = field;
    } else if (series != nullptr && field.kind != LineField::Kind::bad_number && !is_about_unit(field)) {
      last = pass_over(batch, *series, last, field);
    }
  }
  point_.fields.resize(kept);
  unit_in_point_ = !unit_words_.empty();
}

bool LineMapper::becomes_number(Batch& batch, const LineNames& names, LineField& field) {
  const auto problem = [&](std::string_view what) {
    return Error{ErrorCode::value_invalid,
                 fmt::format("field \"{}\" is {}: \"{}\"", utf8_prefix(field.key, limits::kNameBytesMax), what,
                             utf8_prefix(field.text(), limits::kNameBytesMax))};
  };
  switch (field.kind) {
    case LineField::Kind::number:
      return true;
    case LineField::Kind::boolean:
      ++batch.passed_over.booleans;
      return false;
    case LineField::Kind::text:
      if (is_about_unit(field)) {
        unit_words_.push_back({field.key, field.text()});
        return false;
      }
      // A line that only has strings was never refused for its names.
      if (!names.refused && rules_.fields.takes(field.key) && takes_text(field.key, rules_.reading_rules) &&
          quantity_of(names, field.key, made_)) {
        if (const auto number = number_in(field.text())) {
          field.kind = LineField::Kind::number;
          field.number = *number;
          return true;
        }
      }
      ++batch.passed_over.texts;
      return false;
    case LineField::Kind::bad_number:
      if (names.refused) return true;  // the line is, with all its fields
      if (quantity_of(names, field.key, made_)) {
        ingest::reject(batch.parsed, batch.index(point_), ErrorCode::value_invalid, batch.reader.text(),
                       [&] { return problem("no number that can be kept"); });
      } else {
        ++batch.passed_over.numbers;
      }
      return false;
  }
  return false;
}

void LineMapper::reject(Batch& batch, const LineNames& names) {
  const std::size_t listed = batch.parsed.rejected.size();
  ingest::reject(batch.parsed, batch.index(point_), *names.refused, batch.reader.text(),
                 [&] { return refusal_of(names, rules_); });
  if (batch.parsed.rejected.size() == listed) return;
  using ingest::reject_name;
  batch.parsed.rejected.back().names = {
      reject_name(names.building), reject_name(names.room), reject_name(names.sensor), {}};
}

}  // namespace temperature::mapping
