#include "accept/acceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <ranges>

#include "accept/name_check.h"
#include "accept/renamed_reading.h"
#include "accept/sent_times.h"
#include "base/reject_limits.h"
#include "base/timestamp_limits.h"
#include "catalogue/units.h"
#include "model/batch_limits.h"
#include "model/name.h"
#include "model/name_limits.h"

namespace temperature::accept {
namespace {

std::string_view quantity_of(const ingest::RawReading& raw) {
  return raw.quantity.empty() ? kQuantityDefault : raw.quantity;
}

// A reading on one line, for whoever looks at what was refused.
std::string text_of(const ingest::RawReading& raw) {
  const std::string when = raw.timestamp_ms ? fmt::format(" @{}", *raw.timestamp_ms) : "";
  const std::string text = fmt::format("{}/{}/{} {}={}{}{}", raw.building, raw.room, raw.sensor, quantity_of(raw),
                                       raw.value, raw.unit, when);
  return std::string(utf8_prefix(text, limits::kRejectTextBytesMax));
}

Error mismatch(const ingest::RawReading& raw, const SeriesKey& key) {
  return {ErrorCode::unit_mismatch, fmt::format("unit \"{}\" is not the unit of {}", raw.unit, key.quantity)};
}

double in_kept_unit(const ingest::RawReading& raw, UnitChange change) {
  return change.none() ? raw.value : catalogue::converted(raw.value, change);
}

void remember(const ingest::RawReading& raw, catalogue::Catalogue::Found found, UnitChange change, bool lasting) {
  if (raw.memo != nullptr && lasting) *raw.memo = {found.id, found.place, true, change};
}

ingest::RejectedNames names_of(const ingest::RawReading& raw) {
  using ingest::reject_name;
  return {reject_name(raw.building), reject_name(raw.room), reject_name(raw.sensor), reject_name(quantity_of(raw))};
}

}  // namespace

// A row whose series is defined, or unit fixed, once the catalogue may be written to.
struct Acceptor::Unknown {
  std::size_t row;
  const ingest::RawReading* raw;
  GivenUnit unit;
};

// A batch in the making. Rows keep the request's order; a row whose series is not known yet waits
// in `unknown` until the catalogue may be written to.
struct Acceptor::Draft {
  Draft(const ingest::Parsed& parsed, Timestamp at, const Permit* its_permit, Memory memory)
      : now(at),
        permit(its_permit),
        columns(std::move(memory.readings)),
        indices(std::move(memory.indices)),
        rejected(parsed.rejected),
        rejected_count(parsed.rejected_count),
        sent_times(parsed) {
    if (parsed.rejected_count > 0) rejected_by_code = parsed.rejected_by_code;
    columns.resize(std::min(parsed.readings.size(), limits::kReadingsPerBatchMax));
    indices.resize(columns.size());
  }

  // What the reading before said, and what came of it: readings of one unit follow each other.
  struct UnitBefore {
    std::string_view text;
    std::string_view quantity;
    GivenUnit unit;
    bool known = false;
  };

  Timestamp now;
  const Permit* permit;
  std::size_t rows = 0;  // found so far: the columns' first ones
  ReadingColumns columns;
  std::vector<std::uint32_t> indices;
  std::vector<Unknown> unknown;
  UnitBefore unit_before;
  std::deque<RenamedReading> renamed;  // what stands in `unknown` under other names than it was sent with
  std::vector<bool> refused;           // by row; empty when none is
  std::vector<ingest::Rejected> rejected;
  std::uint64_t rejected_count;
  ingest::CountByCode rejected_by_code{};
  SentTimes sent_times;

  [[nodiscard]] bool lists_more() const { return rejected.size() < limits::kDetailsListedMax; }

  void reject(const ingest::RawReading& raw, Error error) {
    ++rejected_count;
    ++rejected_by_code[std::to_underlying(error.code)];
    if (rejected.size() == limits::kDetailsListedMax) return;
    rejected.push_back({raw.index, std::move(error), text_of(raw), names_of(raw)});
  }

  void add(std::uint32_t index, catalogue::Catalogue::Found found, Sample sample) {
    columns.set(rows, found.id, found.place, sample);
    indices[rows++] = index;
  }

  // Leaves the rows that were found and not refused.
  void settle() {
    std::size_t kept = refused.empty() ? rows : 0;
    for (std::size_t row = 0; row < refused.size(); ++row) {
      if (refused[row]) continue;
      columns.set(kept, columns.series[row], columns.places[row], {columns.timestamps[row], columns.values[row]});
      indices[kept++] = indices[row];
    }
    columns.resize(kept);
    indices.resize(kept);
  }
};

Acceptor::Acceptor(AcceptorOptions options, catalogue::Catalogue& catalogue)
    : options_(std::move(options)), catalogue_(catalogue) {
  if (options_.reading_rules == ReadingRules::former) return;
  std::string made;
  const auto normal = normalise_name("building", options_.default_building, made);
  if (normal) options_.default_building = std::string(*normal);
}

SeriesKey Acceptor::key_of(const ingest::RawReading& raw) const {
  return {raw.building.empty() ? std::string_view(options_.default_building) : raw.building, raw.room, raw.sensor,
          quantity_of(raw)};
}

Acceptor::Bounds Acceptor::bounds_at(Timestamp now) const {
  Bounds bounds{limits::kTimestampFirst, now + options_.max_ahead};
  bounds.first = std::max(bounds.first, options_.retention.keep_all_from(retention_time(now)));
  return bounds;
}

Timestamp Acceptor::retention_time(Timestamp now) const {
  const bool asked = options_.retention_clock != nullptr && !options_.retention.for_ever();
  return asked ? options_.retention_clock->now() : now;
}

std::optional<Error> Acceptor::timestamp_fault(const ingest::RawReading& raw, Timestamp timestamp, Draft& draft) const {
  std::string_view quantity = quantity_of(raw);
  std::string made;
  if (options_.reading_rules == ReadingRules::current) {
    quantity = normalise_name("quantity", quantity, made).value_or(quantity);
  }
  const bool ahead = timestamp > draft.now + options_.max_ahead;
  ErrorCode code = ErrorCode::too_old;
  if (timestamp < limits::kTimestampFirst) {
    code = ErrorCode::timestamp_too_old;
  } else if (ahead) {
    code = ErrorCode::timestamp_ahead;
  } else if (timestamp >= options_.retention.keep_from(quantity, retention_time(draft.now))) {
    return std::nullopt;
  }
  if (!draft.lists_more()) return Error{code, {}};
  if (code != ErrorCode::too_old) return draft.sent_times.refusal(code, raw, draft.now, options_.max_ahead);
  const auto [sent, cause] = draft.sent_times.tell(raw, draft.now);
  return Error{code, fmt::format("{} is older than the retention of {} for {}{}", sent,
                                 format_duration(options_.retention.of(quantity)), quantity, cause)};
}

Result<Acceptor::GivenUnit> Acceptor::given_unit(const catalogue::Catalogue::Reader& reader,
                                                 const ingest::RawReading& raw, const SeriesKey& key,
                                                 Draft& draft) const {
  Draft::UnitBefore& before = draft.unit_before;
  if (before.known && before.text == raw.unit && before.quantity == key.quantity) return before.unit;
  if (catalogue::trimmed_unit(raw.unit, options_.reading_rules).empty()) return GivenUnit{};
  GivenUnit unit;
  const auto change = reader.unit_change(key.quantity, raw.unit, options_.reading_rules, unit.fixes);
  if (raw.unit_shared && (!change || unit.fixes)) return GivenUnit{.change = {}, .fixes = false, .lasting = false};
  if (!change) return std::unexpected(mismatch(raw, key));
  unit.change = *change;
  unit.lasting = !raw.unit_shared;
  if (!unit.fixes && unit.lasting) before = {raw.unit, key.quantity, unit, true};
  return unit;
}

inline bool Acceptor::in_range(const ingest::RawReading& raw, double value) const {
  if (options_.ranges.of_all().contains(value)) [[likely]] {
    return true;
  }
  return options_.ranges.of(quantity_of(raw)).contains(value);
}

// REQUIRES: the value is not in the quantity's range.
Error Acceptor::value_fault(const ingest::RawReading& raw, UnitChange change, double value) const {
  const std::string_view quantity = quantity_of(raw);
  const std::string_view unit = change.none() ? std::string_view() : catalogue::unit_name(change.kept);
  if (!std::isfinite(value)) {
    return {ErrorCode::value_invalid,
            fmt::format("value {} {} is not a finite number in {}", raw.value, raw.unit, unit)};
  }
  std::string what = fmt::format("value {}", raw.value);
  if (!change.none()) what += fmt::format(" {}, which is {} {},", raw.unit, value, unit);
  const ValueRange range = options_.ranges.of(quantity);
  if (quantity == kQuantityDefault && value < kAbsoluteZero) {
    return {ErrorCode::out_of_range, fmt::format("{} lies below absolute zero, {} °C", what, kAbsoluteZero)};
  }
  return {ErrorCode::out_of_range, fmt::format("{} is outside the range of {}, which --range says is {}..{}", what,
                                               quantity, range.lowest, range.highest)};
}

void Acceptor::find_series(const ingest::Parsed& parsed, Draft& draft) const {
  const Bounds bounds = bounds_at(draft.now);
  const bool restricted = draft.permit != nullptr && draft.permit->restricts();
  catalogue::Catalogue::Reader reader(catalogue_);
  for (const ingest::RawReading& raw : parsed.readings) {
    if (parsed.stops_at(static_cast<std::size_t>(&raw - parsed.readings.data()))) return;
    if (!std::isfinite(raw.value)) {
      draft.reject(raw, {ErrorCode::value_invalid, "value is not a finite number"});
      continue;
    }
    const Timestamp timestamp = raw.timestamp_ms ? timestamp_from_ms(*raw.timestamp_ms) : draft.now;
    if (raw.timestamp_ms && (timestamp < bounds.first || timestamp > bounds.last)) {
      if (auto fault = timestamp_fault(raw, timestamp, draft)) {
        draft.reject(raw, std::move(*fault));
        continue;
      }
    }
    if (draft.rows == limits::kReadingsPerBatchMax) {  // a journal would not read a longer record back
      draft.reject(raw, {ErrorCode::too_many_readings,
                         fmt::format("a request may have at most {} readings", limits::kReadingsPerBatchMax)});
      continue;
    }
    if (raw.memo != nullptr && raw.memo->known && !restricted &&
        !reader.has_left(raw.memo->id)) {  // a memo knows a series, not who may write it
      const double value = in_kept_unit(raw, raw.memo->unit);
      if (in_range(raw, value)) [[likely]] {
        draft.add(raw.index, {raw.memo->id, raw.memo->place}, {timestamp, value});
      } else {
        draft.reject(raw, value_fault(raw, raw.memo->unit, value));
      }
      continue;
    }
    // Where the series is known its names are normal: nothing of them needs a look.
    const SeriesKey key = key_of(raw);
    if (!restricted && raw.unit.empty() && options_.ranges.of_all().contains(raw.value)) [[likely]] {
      if (const auto found = reader.find(key)) [[likely]] {
        remember(raw, *found, {}, true);
        draft.add(raw.index, *found, {timestamp, raw.value});
        continue;
      }
    }
    auto placing = look_up(raw, key, restricted, reader, draft);
    if (!placing || !placing->known()) {
      add_by_normal_names(raw, timestamp, std::move(placing), reader, draft);
      continue;
    }
    remember(raw, *placing->found, placing->unit.change, placing->unit.lasting);
    draft.add(raw.index, *placing->found, {timestamp, placing->value});
  }
}

inline Result<Acceptor::Placing> Acceptor::look_up(const ingest::RawReading& raw, const SeriesKey& key, bool restricted,
                                                   catalogue::Catalogue::Reader& reader, Draft& draft) const {
  if (restricted) {
    if (auto allowed = draft.permit->check(key); !allowed) return std::unexpected(std::move(allowed.error()));
  }
  Placing placing;
  if (!raw.unit.empty()) {
    auto given = given_unit(reader, raw, key, draft);
    if (!given) return std::unexpected(std::move(given.error()));
    placing.unit = *given;
  }
  placing.value = in_kept_unit(raw, placing.unit.change);
  if (!placing.unit.fixes && !in_range(raw, placing.value)) {  // else it is not known yet what is kept
    return std::unexpected(value_fault(raw, placing.unit.change, placing.value));
  }
  placing.found = reader.find(key);
  return placing;
}

void Acceptor::add_by_normal_names(const ingest::RawReading& raw, Timestamp timestamp, Result<Placing> placing,
                                   catalogue::Catalogue::Reader& reader, Draft& draft) const {
  const auto normal = with_normal_names(raw, draft);
  if (!normal) return draft.reject(raw, normal.error());
  const ingest::RawReading& named = **normal;
  const bool renamed = &named != &raw;
  if (renamed) {
    const bool restricted = draft.permit != nullptr && draft.permit->restricts();
    placing = look_up(named, key_of(named), restricted, reader, draft);
    draft.unit_before.known = false;  // its quantity may stand in what goes again
  }
  const bool unknown = placing && !placing->known();
  if (!placing) {
    draft.reject(raw, std::move(placing.error()));
  } else {
    if (unknown) draft.unknown.push_back({draft.rows, &named, placing->unit});
    if (!unknown) remember(named, *placing->found, placing->unit.change, placing->unit.lasting);
    draft.add(raw.index, placing->found.value_or(catalogue::Catalogue::Found{}), {timestamp, placing->value});
  }
  if (renamed && !unknown) draft.renamed.pop_back();
}

Result<const ingest::RawReading*> Acceptor::with_normal_names(const ingest::RawReading& raw, Draft& draft) const {
  if (options_.reading_rules == ReadingRules::former) return &raw;
  RenamedReading& renamed = draft.renamed.emplace_back(RenamedReading{raw, {}});
  const auto changed = normalise_names(renamed);
  if (changed && *changed) return &renamed.reading;
  draft.renamed.pop_back();
  if (!changed) return std::unexpected(changed.error());
  return &raw;
}

void Acceptor::define_series(const ingest::Parsed& parsed, Draft& draft) const {
  if (parsed.stops_at(0)) return draft.refused.assign(draft.rows, true);  // nothing of a batch that was left
  for (const Unknown& unknown : draft.unknown) {
    auto found = find_room_for(unknown, draft);
    if (found) {
      draft.columns.series[unknown.row] = found->id;
      draft.columns.places[unknown.row] = found->place;
      continue;
    }
    draft.refused.resize(draft.rows);
    draft.refused[unknown.row] = true;
    draft.reject(*unknown.raw, std::move(found.error()));
  }
}

Result<catalogue::Catalogue::Found> Acceptor::define(const Unknown& unknown, Draft& draft) const {
  const ingest::RawReading& raw = *unknown.raw;
  const SeriesKey key = key_of(raw);
  if (auto checked = check_names(key); !checked) return std::unexpected(std::move(checked.error()));
  UnitChange change = unknown.unit.change;
  const std::uint32_t of_sensor_max = draft.permit == nullptr ? 0 : draft.permit->series_max;
  if (unknown.unit.fixes) {
    const auto fixed = fix_unit(raw, key, of_sensor_max);
    if (!fixed) return std::unexpected(fixed.error());
    change = *fixed;
    draft.columns.values[unknown.row] = in_kept_unit(raw, change);
  }
  auto found = catalogue_.define(key, of_sensor_max);
  if (found) remember(raw, *found, change, unknown.unit.lasting);
  return found;
}

Result<catalogue::Catalogue::Found> Acceptor::find_room_for(const Unknown& unknown, Draft& draft) const {
  auto found = define(unknown, draft);
  if (found || !options_.make_room) return found;
  const bool full = found.error().code == ErrorCode::series_limit || found.error().code == ErrorCode::quantity_limit;
  if (full && options_.make_room()) return define(unknown, draft);
  return found;
}

Result<UnitChange> Acceptor::fix_unit(const ingest::RawReading& raw, const SeriesKey& key,
                                      std::uint32_t of_sensor_max) const {
  while (true) {
    bool fixes = false;
    const auto change =
        catalogue::Catalogue::Reader(catalogue_).unit_change(key.quantity, raw.unit, options_.reading_rules, fixes);
    if (!change) return std::unexpected(mismatch(raw, key));
    const double value = in_kept_unit(raw, *change);
    if (!in_range(raw, value)) return std::unexpected(value_fault(raw, *change, value));
    if (!fixes) return *change;
    const std::string_view unit = catalogue::trimmed_unit(raw.unit, options_.reading_rules);
    if (auto checked = check_name("unit", unit, limits::kUnitBytesMax); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
    const auto defined = catalogue_.define_unit(key, unit, of_sensor_max);  // else another one was quicker
    if (!defined && defined.error().code != ErrorCode::unit_mismatch) return std::unexpected(defined.error());
  }
}

Admission Acceptor::accept(const ingest::Parsed& parsed, std::string_view sender, Timestamp now, const Permit* permit,
                           Memory memory) const {
  Draft draft(parsed, now, permit, std::move(memory));
  find_series(parsed, draft);
  define_series(parsed, draft);
  draft.settle();

  std::ranges::sort(draft.rejected, {}, &ingest::Rejected::index);  // the parser's and ours
  for (ingest::RejectedNames& names : draft.rejected | std::views::transform(&ingest::Rejected::names)) {
    if (names.building.empty() && !names.room.empty()) names.building = options_.default_building;
  }
  Admission admission;
  admission.rejected = std::move(draft.rejected);
  admission.rejected_count = draft.rejected_count;
  admission.rejected_by_code = draft.rejected_by_code;
  if (draft.columns.empty()) return admission;
  admission.indices = std::move(draft.indices);
  parsed.note_taken(admission.indices);
  // Every definition that exists now: a series found above may have been defined by a batch that is
  // still on its way to the journal, or that failed to get there.
  admission.batch = Accepted(Origin{now, std::string(utf8_prefix(sender, limits::kSenderBytesMax))},
                             std::move(draft.columns), catalogue_.definitions());
  return admission;
}

}  // namespace temperature::accept
