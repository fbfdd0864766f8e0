#include <algorithm>

#include "catalogue/units.h"
#include "mapping/field_names.h"
#include "mapping/line_mapper.h"

// What a mapper keeps of a body's lines, and what it forgets.
namespace temperature::mapping {
namespace {

constexpr std::uint64_t kMissesJudged = 4 * limits::kLineSeriesKept;
constexpr std::size_t kComparisonsOfField = 16;  // so that some thirty fields may come in any order
constexpr std::uint64_t kMissesForAHit = 32;     // more: what is kept is not what comes any more

}  // namespace

void LineMapper::begin() {
  made_.clear();
  forget_trial();
  comparisons_left_ = limits::kLineFieldsCompared;
  unit_keys_begin_ = 0;
  if (rules_.reading_rules == ReadingRules::current) {
    for (std::string key : rules_.unit_tags) {
      for (int letter_case = 0; letter_case < 2 && !key.empty(); ++letter_case) {
        unit_keys_begin_ |= first_byte_bit(key);
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

KeptSeries& LineMapper::learn(std::string_view written, SeriesCache& cache) {
  KeptSeries& series = cache.add(written);
  taken_apart_.read(series.written);  // what is kept must not point into the body
  series.known = std::make_unique<KeptSeries::Known>();
  LineNames& names = series.known->names;
  names = names_of(taken_apart_, rules_, *devices_, cache.made());
  series.building = names.building;
  series.room = names.room;
  series.sensor = names.sensor;
  series.unit = names.unit;
  series.plain = !names.refused;
  if (rules_.reading_rules == ReadingRules::former) return series;
  if (const LineUnit unit = unit_of(taken_apart_, rules_, cache.made()); !unit.says_nothing()) {
    series.known->unit = unit;
    series.plain = series.plain && !unit.contradicts() && unit.unknown.key.empty();
  }
  return series;
}

KeptField* LineMapper::field_of(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key) {
  comparisons_left_ += kComparisonsOfField;
  KeptField* end = last;
  for (KeptField* field = first; field != nullptr; field = field->next) {
    if (field->key == key) return field;
    if (comparisons_left_ == 0) return nullptr;
    --comparisons_left_;
    end = field;
  }
  if (!has_room(series, key)) return nullptr;
  const bool passed_over = &first == &series.first_passed_over;
  if (!series.on_trial && (restricted_ || !passed_over)) {
    if (tried_fields_.size() == limits::kLineFieldsTried) return nullptr;
    tried_fields_.push_back(
        {.series = &series, .key = trial_.keep(key), .line = point_.line - 1, .passed_over = passed_over});
    return nullptr;
  }
  return &add_field(series, first, end, key);
}

bool LineMapper::has_room(const KeptSeries& series, std::string_view key) const {
  return !(series.on_trial ? trial_ : cache_).full() && series.fields < limits::kLineFieldsKept &&
         key.size() <= limits::kLineSeriesBytesMax;
}

KeptField& LineMapper::add_field(KeptSeries& series, KeptField*& first, KeptField* last, std::string_view key) {
  SeriesCache& cache = series.on_trial ? trial_ : cache_;
  KeptField& field = cache.add(series, first, last, key);
  field.passed_over = nullptr;
  if (&first == &series.first_passed_over) return field;
  const FieldMeaning meaning = meaning_of(series.known->names, field.key, rules_.reading_rules, cache.made());
  if (!meaning.reading) return field;
  field.reading = true;
  field.quantity = meaning.quantity;
  field.unit = meaning.unit;
  if (rules_.reading_rules == ReadingRules::current) keep_unit(series, field);
  return field;
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

void LineMapper::ask_what_is_taken(ingest::Parsed& parsed) {
  std::uint32_t lines = tried_.empty() ? 0 : tried_.back().line + 1;
  if (!tried_fields_.empty()) lines = std::max(lines, tried_fields_.back().line + 1);
  if (lines == 0) return;
  taken_.assign(lines, false);
  parsed.taken = &taken_;
}

void LineMapper::keep_taken() {
  for (const TriedSeries& tried : tried_) {
    if (tried.line >= taken_.size() || !taken_[tried.line]) continue;
    if (tried.series == nullptr) {
      ++misses_;
    } else {
      tried.series->wanted = true;
    }
  }
  for (std::size_t i = 0; i < trial_.size() && !cache_.full(); ++i) {
    if (trial_[i].wanted) keep(trial_[i]);
  }
  for (const TriedField& tried : tried_fields_) {
    if (tried.line >= taken_.size() || !taken_[tried.line] || !has_room(*tried.series, tried.key)) continue;
    KeptField*& first = tried.passed_over ? tried.series->first_passed_over : tried.series->first;
    KeptField* last = nullptr;
    KeptField* same = first;
    for (; same != nullptr && same->key != tried.key; same = same->next) last = same;
    if (same == nullptr) add_field(*tried.series, first, last, tried.key);
  }
  forget_trial();
}

// Keeps a series that was on trial, and what was found out of its fields.
void LineMapper::keep(const KeptSeries& tried) {
  KeptSeries& series = learn(tried.written, cache_);
  if (counts_ != nullptr && series.known->names.sensor_tags > 1) {
    const MeantTags tags = read_tags(taken_apart_, rules_, {}, made_);
    counts_->count(tags, rules_, sensor_name(tags, rules_, made_));
  }
  KeptField* last = nullptr;
  for (const KeptField* field = tried.first; field != nullptr; field = field->next) {
    if (!has_room(series, field->key)) return;
    last = &add_field(series, series.first, last, field->key);
    last->memo = field->memo;
  }
}

void LineMapper::forget_trial() {
  if (previous_ != nullptr && previous_->on_trial) previous_ = nullptr;
  if (!trial_.empty() || !tried_fields_.empty()) trial_.clear();
  tried_.clear();
  tried_fields_.clear();
  taken_.clear();
}

}  // namespace temperature::mapping
