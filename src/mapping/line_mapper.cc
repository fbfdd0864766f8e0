#include "mapping/line_mapper.h"

#include <fmt/format.h>

#include "mapping/series_cache.h"
#include "model/batch_limits.h"

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

  [[nodiscard]] std::uint32_t index(const ingest::LinePoint& point) const { return point.line - 1; }

  // False: the field is no number.
  bool is_number(const LineField& field) {
    if (field.kind == LineField::Kind::number) return true;
    ++(field.kind == LineField::Kind::text ? passed_over.texts : passed_over.booleans);
    return false;
  }

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

Result<FieldsPassedOver> LineMapper::map(std::string_view body, Precision precision, ingest::Parsed& parsed) {
  parsed.clear();
  begin();
  Batch batch{.reader = LineReader(body), .precision = precision, .parsed = parsed, .passed_over = {}};
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
      return add_unknown(batch);
    }
    if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
      return batch.reject_fault(point_, fault);
    }
    series = &cache_.add(point_.series);
    taken_apart_.read(series->written);  // what is kept must not point into the body
    series->names = names_of(taken_apart_, rules_, *devices_, cache_.made());
  }
  if (previous_ != nullptr) previous_->followed_by = series;
  previous_ = series;
  add_known(batch, *series);
}

void LineMapper::add_known(Batch& batch, KeptSeries& series) {
  KeptField* last = nullptr;
  KeptField* last_passed_over = nullptr;
  for (const LineField& field : point_.fields) {
    if (!batch.is_number(field)) {
      last_passed_over = pass_over(batch, series, last_passed_over, field);
      continue;
    }
    if (series.names.refused) return reject(batch, series.names);
    KeptField* next = last == nullptr ? series.first : last->next;
    if (next == nullptr || next->key != field.key) [[unlikely]] {
      next = field_of(series, series.first, last, field.key);
      if (next != nullptr && !next->quantity && next->passed_over == nullptr) {
        next->passed_over = note(batch, series, field.key, PassedOverReason::attribute);
      }
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
      if (next->passed_over != nullptr) next->passed_over->count(passed_over_.at_ms());
    }
    last = next;
  }
}

KeptField* LineMapper::pass_over(Batch& batch, KeptSeries& series, KeptField* last, const LineField& field) {
  KeptField* next = last == nullptr ? series.first_passed_over : last->next;
  if (next == nullptr || next->key != field.key) [[unlikely]] {
    next = field_of(series, series.first_passed_over, last, field.key);
    if (next == nullptr) return last;  // not to be kept
    if (next->passed_over == nullptr) {
      next->passed_over =
          note(batch, series, field.key,
               field.kind == LineField::Kind::text ? PassedOverReason::text : PassedOverReason::boolean);
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
                            .building = std::string(series.names.building),
                            .room = std::string(series.names.room),
                            .sensor = std::string(series.names.sensor),
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
  field.quantity = quantity_of(series.names, field.key, cache_.made());
  return &field;
}

void LineMapper::add_unknown(Batch& batch) {
  previous_ = nullptr;
  if (const LineFault fault = taken_apart_.read(point_.series); fault != LineFault::none) {
    return batch.reject_fault(point_, fault);
  }
  const LineNames names = names_of(taken_apart_, rules_, *devices_, made_);
  for (const LineField& field : point_.fields) {
    if (!batch.is_number(field)) continue;
    if (names.refused) return reject(batch, names);
    if (const auto quantity = quantity_of(names, field.key, made_)) {
      batch.add(point_, names, *quantity, field, nullptr);
    } else {
      ++batch.passed_over.numbers;
    }
  }
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
