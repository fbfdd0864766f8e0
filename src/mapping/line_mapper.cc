#include "mapping/line_mapper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reject_limits.h"
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

constexpr std::uint64_t kMissesJudged = 4 * limits::kLineSeriesKept;
constexpr std::uint64_t kMissesForAHit = 32;  // more: what is kept is not what comes any more

std::uint64_t bit_of(std::string_view key) {
  return key.empty() ? 0 : std::uint64_t{1} << (static_cast<unsigned char>(key.front()) & 63U);
}

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
                                         std::string_view sensor_id) {
  parsed.clear();
  parsed.times_in = precision;
  parsed.lines = body;
  begin();
  if (rules_.reading_rules == ReadingRules::former) sensor_id = {};
  using Decimals = LineReader::Decimals;
  const Decimals decimals = precision == Precision::seconds ? Decimals::taken : Decimals::refused;
  Batch batch{.reader = LineReader(body, decimals),
              .precision = precision,
              .parsed = parsed,
              .passed_over = {},
              .sensor_id = sensor_id};
  while (true) {
    const KeptSeries* guess = previous_ == nullptr ? nullptr : previous_->followed_by;
    const auto found = batch.reader.next(point_, guess == nullptr ? std::string_view() : guess->written);
    if (found == LineReader::Found::end) return batch.passed_over;
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

void LineMapper::begin() {
  made_.clear();
  unit_keys_begin_ = 0;
  if (rules_.reading_rules == ReadingRules::current) {
    for (std::string key : rules_.unit_tags) {
      for (int letter_case = 0; letter_case < 2 && !key.empty(); ++letter_case) {
        unit_keys_begin_ |= bit_of(key);
        const bool letter = (key.front() >= 'a' && key.front() <= 'z') || (key.front() >= 'A' && key.front() <= 'Z');
        if (letter) key.front() = static_cast<char>(static_cast<unsigned char>(key.front()) ^ 0x20U);  // its other case
      }
    }
  }
  auto devices = maps_.current();
  bool clear = devices != devices_;
  devices_ = std::move(devices);
  if (misses_ > kMissesJudged) {
    clear = clear || misses_ > kMissesForAHit * hits_;
    hits_ = misses_ = 0;
  }
  if (!clear) return;
  cache_.clear();
  previous_ = nullptr;
}

void LineMapper::add_line(Batch& batch) {
  KeptSeries* series = point_.as_expected ? previous_->followed_by : cache_.find(point_.series);
  if (series != nullptr) {
    ++hits_;
  } else {
    if (cache_.full() || point_.series.size() > limits::kLineSeriesBytesMax) {
      ++misses_;
      previous_ = nullptr;
      return add_unknown(batch);
    }
    if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
      return batch.reject_fault(point_, fault);
    }
    series = &keep_series();
  }
  if (previous_ != nullptr) previous_->followed_by = series;
  previous_ = series;
  // What is kept is what senders in general call the series.
  if (!batch.sensor_id.empty() && batch.sensor_id != series->sensor) return add_unknown(batch);
  add_known(batch, *series);
}

// Of the point's, which was just taken apart.
KeptSeries& LineMapper::keep_series() {
  KeptSeries& series = cache_.add(point_.series);
  taken_apart_.read(series.written);  // what is kept must not point into the body
  series.known = std::make_unique<KeptSeries::Known>();
  LineNames& names = series.known->names;
  names = names_of(taken_apart_, rules_, *devices_, cache_.made());
  series.building = names.building;
  series.room = names.room;
  series.sensor = names.sensor;
  series.unit = names.unit;
  series.plain = !names.refused;
  if (counts_ != nullptr && names.sensor_tags > 1) count_names();
  if (rules_.reading_rules == ReadingRules::former) return series;
  if (const LineUnit unit = unit_of(taken_apart_, rules_, cache_.made()); !unit.says_nothing()) {
    series.known->unit = unit;
    series.plain = series.plain && !unit.contradicts() && unit.unknown.key.empty();
  }
  return series;
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
      if (!next->reading && next->passed_over == nullptr) {
        next->passed_over = note(batch, series, field.key, PassedOverReason::attribute);
      }
    }
    if (next->reading) {
      batch.add(point_, series, next->quantity, next->unit, field, &next->memo);
    } else {
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
    judge(together_, unit, unit_in_point_, names, judgement_);
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
  return field.kind == LineField::Kind::text && (unit_keys_begin_ & bit_of(field.key)) != 0 &&
         is_unit_key(rules_, field.key);
}

KeptField* LineMapper::pass_over(Batch& batch, KeptSeries& series, KeptField* last, const LineField& field) {
  KeptField* next = last == nullptr ? series.first_passed_over : last->next;
  if (next == nullptr || next->key != field.key) [[unlikely]] {
    next = field_of(series, series.first_passed_over, last, field.key);
    if (next == nullptr) return last;  // not to be kept
    if (next->passed_over == nullptr) {
      next->passed_over = note(batch, series, field.key, reason_of(series.known->names, field));
    }
  }
  if (next->passed_over != nullptr) next->passed_over->count(passed_over_.at_ms());
  return next;
}

PassedOver::Noted* LineMapper::note(Batch& batch, const KeptSeries& series, std::string_view key,
                                    PassedOverReason reason) {
  return passed_over_.note(series.written,
                           {.reason = reason,
                            .key = std::string(key),
                            .building = std::string(series.building),
                            .room = std::string(series.room),
                            .sensor = std::string(series.sensor),
                            .line = point_.line,
                            .text = std::string(batch.reader.text().substr(0, limits::kRejectTextBytesMax))});
}

// The field of that key, wherever it stood before; else a new one behind all others. nullptr: it cannot be kept.
KeptField* LineMapper::field_of(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key) {
  KeptField* end = last;
  for (KeptField* field = first; field != nullptr; field = field->next) {
    if (field->key == key) return field;
    end = field;
  }
  if (cache_.full() || series.fields == limits::kLineFieldsKept || key.size() > limits::kLineSeriesBytesMax) {
    return nullptr;
  }
  KeptField& field = cache_.add(series, first, end, key);
  field.passed_over = nullptr;
  if (&first == &series.first_passed_over) return &field;
  const FieldMeaning meaning = meaning_of(series.known->names, field.key, rules_.reading_rules, cache_.made());
  if (!meaning.reading) return &field;
  field.reading = true;
  field.quantity = meaning.quantity;
  field.unit = meaning.unit;
  if (rules_.reading_rules == ReadingRules::current) keep_unit(series, field);
  return &field;
}

// What is clear from the tags and the keys alone is known of the series; else its lines are not plain.
void LineMapper::keep_unit(KeptSeries& series, KeptField& field) {
  const Unit kept = catalogue::kept_unit(field.quantity);
  if (kept != Unit::unknown) {
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(kept);
    if ((series.quantities & bit) != 0) series.plain = false;
    series.quantities |= bit;
  }
  const std::optional<LineUnit>& of_tags = series.known->unit;
  if (!series.plain || !of_tags || field.unit == of_tags->unit) return;
  const bool said_otherwise = field.unit != Unit::unknown || !series.unit.empty();
  const bool may_be_anothers = kept == Unit::unknown && field.key != kValueField;
  series.plain = !said_otherwise && !may_be_anothers;
  if (series.plain) field.unit = of_tags->unit;
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
  unit_in_point_ = false;
  const auto is_number = [](const LineField& field) { return field.kind == LineField::Kind::number; };
  if (rules_.fields.takes_all() && std::ranges::all_of(point_.fields, is_number)) [[likely]] {
    return;
  }
  unit_words_.clear();
  std::size_t kept = 0;
  KeptField* last = nullptr;
  for (LineField& field : point_.fields) {
    if (is_left_out(field)) {
      ++batch.passed_over.left_out;
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
                 fmt::format("field \"{}\" is {}: \"{}\"", field.key.substr(0, limits::kNameBytesMax), what,
                             field.text().substr(0, limits::kNameBytesMax))};
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

// The line that was just taken apart has a name of several tags.
void LineMapper::count_names() {
  const MeantTags tags = read_tags(taken_apart_, rules_, {}, made_);
  counts_->count(tags, rules_, sensor_name(tags, rules_, made_));
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
