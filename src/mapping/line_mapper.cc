#include "mapping/line_mapper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reject_limits.h"
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

}  // namespace

// One body on its way.
struct LineMapper::Batch {
  LineReader reader;
  Precision precision;
  ingest::Parsed& parsed;
  FieldsPassedOver passed_over;
  std::string_view sensor_id;

  [[nodiscard]] std::uint32_t index(const ingest::LinePoint& point) const { return point.line - 1; }

  void add(const ingest::LinePoint& point, const LineNames& names, std::string_view quantity, const LineField& field,
           ingest::SeriesMemo* memo) {
    ingest::RawReading& reading = parsed.readings.emplace_back();
    reading.building = names.building;
    reading.room = names.room;
    reading.sensor = names.sensor;
    reading.quantity = quantity;
    reading.unit = names.unit;
    if (point.timestamp) reading.timestamp_ms = to_milliseconds(*point.timestamp, precision);
    reading.value = field.number;
    reading.index = index(point);
    reading.memo = memo;
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
  begin();
  if (rules_.reading_rules == ReadingRules::former) sensor_id = {};
  Batch batch{
      .reader = LineReader(body), .precision = precision, .parsed = parsed, .passed_over = {}, .sensor_id = sensor_id};
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
    series = &cache_.add(point_.series);
    taken_apart_.read(series->written);  // what is kept must not point into the body
    series->names = names_of(taken_apart_, rules_, *devices_, cache_.made());
    if (counts_ != nullptr && series->names.sensor_tags > 1) count_names();
  }
  if (previous_ != nullptr) previous_->followed_by = series;
  previous_ = series;
  // What is kept is what senders in general call the series.
  if (!batch.sensor_id.empty() && batch.sensor_id != series->names.sensor) return add_unknown(batch);
  add_known(batch, *series);
}

void LineMapper::add_known(Batch& batch, KeptSeries& series) {
  settle_fields(batch, series.names);
  KeptField* last = nullptr;
  for (const LineField& field : point_.fields) {
    if (series.names.refused) return reject(batch, series.names);
    KeptField* next = last == nullptr ? series.first : last->next;
    if (next == nullptr || next->key != field.key) [[unlikely]] {
      next = field_of(series, last, field.key);
    }
    if (next == nullptr) {  // not to be kept
      if (const auto quantity = quantity_of(series.names, field.key, made_)) {
        batch.add(point_, series.names, *quantity, field, nullptr);
      } else {
        ++batch.passed_over.numbers;
      }
      continue;
    }
    if (next->quantity) {
      batch.add(point_, series.names, *next->quantity, field, &next->memo);
    } else {
      ++batch.passed_over.numbers;
    }
    last = next;
  }
}

// The field of that key, wherever it stood before; else a new one behind all others. nullptr: it cannot be kept.
KeptField* LineMapper::field_of(KeptSeries& series, KeptField* last, std::string_view key) {
  KeptField* end = last;
  for (KeptField* field = series.first; field != nullptr; field = field->next) {
    if (field->key == key) return field;
    end = field;
  }
  if (cache_.full() || series.fields == limits::kLineFieldsKept || key.size() > limits::kLineSeriesBytesMax) {
    return nullptr;
  }
  KeptField& field = cache_.add(series, end, key);
  field.quantity = quantity_of(series.names, field.key, cache_.made());
  return &field;
}

void LineMapper::add_unknown(Batch& batch) {
  if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
    return batch.reject_fault(point_, fault);
  }
  const LineNames names = names_of(taken_apart_, rules_, *devices_, made_, batch.sensor_id);
  settle_fields(batch, names);
  for (const LineField& field : point_.fields) {
    if (names.refused) return reject(batch, names);
    if (const auto quantity = quantity_of(names, field.key, made_)) {
      batch.add(point_, names, *quantity, field, nullptr);
    } else {
      ++batch.passed_over.numbers;
    }
  }
}

// Leaves the line's numbers: a string that is one becomes one, and what is none is done with.
void LineMapper::settle_fields(Batch& batch, const LineNames& names) {
  const auto is_number = [](const LineField& field) { return field.kind == LineField::Kind::number; };
  if (std::ranges::all_of(point_.fields, is_number)) [[likely]]
    return;
  std::size_t kept = 0;
  for (LineField& field : point_.fields) {
    if (is_number(field) || becomes_number(batch, names, field)) point_.fields[kept++] = field;
  }
  point_.fields.resize(kept);
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
      // A line that only has strings was never refused for its names.
      if (!names.refused && takes_text(field.key) && quantity_of(names, field.key, made_)) {
        if (const auto number = number_in(field.text())) {
          field.kind = LineField::Kind::number;
          field.number = *number;
          return true;
        }
        ++batch.passed_over.unread;
        if (batch.parsed.passed_over.size() < limits::kDetailsListedMax) {
          batch.parsed.passed_over.push_back({batch.index(point_), problem("a string that is no number"),
                                              std::string(batch.reader.text().substr(0, limits::kRejectTextBytesMax))});
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
  ingest::reject(batch.parsed, batch.index(point_), *names.refused, batch.reader.text(),
                 [&] { return refusal_of(names, rules_); });
}

}  // namespace temperature::mapping
