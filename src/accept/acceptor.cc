#include "accept/acceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "base/reject_limits.h"
#include "base/timestamp_limits.h"
#include "base/utf8.h"
#include "catalogue/units.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::accept {
namespace {

std::string_view quantity_of(const ingest::RawReading& raw) {
  return raw.quantity.empty() ? kQuantityDefault : raw.quantity;
}

Result<void> check_name(std::string_view field, std::string_view name, std::size_t bytes_max) {
  if (name.empty()) return failure(ErrorCode::id_invalid, fmt::format("{} is empty", field));
  if (name.size() > bytes_max) {
    return failure(ErrorCode::id_invalid,
                   fmt::format("{} has {} bytes; at most {} are allowed", field, name.size(), bytes_max));
  }
  if (!valid_utf8(name)) return failure(ErrorCode::id_invalid, fmt::format("{} is not valid UTF-8", field));
  if (has_control_characters(name)) {
    return failure(ErrorCode::id_invalid, fmt::format("{} has control characters", field));
  }
  return {};
}

Result<void> check_names(const SeriesKey& key) {
  using Field = std::pair<std::string_view, std::string_view>;
  for (const auto& [field, name] : {Field{"building", key.building}, Field{"room", key.room},
                                    Field{"sensor", key.sensor}, Field{"quantity", key.quantity}}) {
    if (auto checked = check_name(field, name, limits::kNameBytesMax); !checked) return checked;
  }
  return {};
}

// A reading on one line, for whoever looks at what was refused.
std::string text_of(const ingest::RawReading& raw) {
  const std::string when = raw.timestamp_ms ? fmt::format(" @{}", *raw.timestamp_ms) : "";
  const std::string text = fmt::format("{}/{}/{} {}={}{}{}", raw.building, raw.room, raw.sensor, quantity_of(raw),
                                       raw.value, raw.unit, when);
  return text.substr(0, limits::kRejectTextBytesMax);
}

ingest::RejectedNames names_of(const ingest::RawReading& raw) {
  using ingest::reject_name;
  return {reject_name(raw.building), reject_name(raw.room), reject_name(raw.sensor), reject_name(quantity_of(raw))};
}

}  // namespace

// A batch in the making. Rows keep the request's order; a row whose series is not known yet waits
// in `unknown` until the catalogue may be written to.
struct Acceptor::Draft {
  Draft(const ingest::Parsed& parsed, Timestamp at, const Permit* its_permit, Memory memory)
      : now(at),
        permit(its_permit),
        columns(std::move(memory.readings)),
        indices(std::move(memory.indices)),
        rejected(parsed.rejected),
        rejected_count(parsed.rejected_count) {
    if (parsed.rejected_count > 0) rejected_by_code = parsed.rejected_by_code;
    columns.resize(std::min(parsed.readings.size(), limits::kReadingsPerBatchMax));
    indices.resize(columns.size());
  }

  struct Unknown {
    std::size_t row;
    const ingest::RawReading* raw;
    bool fixes_unit;
  };

  Timestamp now;
  const Permit* permit;
  std::size_t rows = 0;  // found so far: the columns' first ones
  ReadingColumns columns;
  std::vector<std::uint32_t> indices;
  std::vector<Unknown> unknown;
  std::vector<bool> refused;  // by row; empty when none is
  std::vector<ingest::Rejected> rejected;
  std::uint64_t rejected_count;
  ingest::CountByCode rejected_by_code{};

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
    : options_(std::move(options)), catalogue_(catalogue) {}

SeriesKey Acceptor::key_of(const ingest::RawReading& raw) const {
  return {raw.building.empty() ? std::string_view(options_.default_building) : raw.building, raw.room, raw.sensor,
          quantity_of(raw)};
}

Acceptor::Bounds Acceptor::bounds_at(Timestamp now) const {
  Bounds bounds{limits::kTimestampFirst, now + options_.max_ahead};
  bounds.first = std::max(bounds.first, options_.retention.keep_all_from(now));
  return bounds;
}

std::optional<Error> Acceptor::timestamp_fault(const ingest::RawReading& raw, Timestamp timestamp,
                                               Timestamp now) const {
  const std::int64_t written = to_ms(timestamp);
  if (timestamp < limits::kTimestampFirst) {
    return Error{ErrorCode::timestamp_too_old,
                 fmt::format("timestamp {} lies before the year 2000: it looks like seconds where milliseconds since "
                             "1970 are expected",
                             written)};
  }
  if (timestamp > now + options_.max_ahead) {
    const std::string far = timestamp > limits::kTimestampLast ? "centuries" : format_duration(timestamp - now);
    return Error{ErrorCode::timestamp_ahead,
                 fmt::format("timestamp {} is {} ahead of the server's time {}; at most {} are allowed", written, far,
                             format_timestamp(now), format_duration(options_.max_ahead))};
  }
  const std::string_view quantity = quantity_of(raw);
  if (timestamp >= options_.retention.keep_from(quantity, now)) return std::nullopt;
  return Error{ErrorCode::too_old,
               fmt::format("timestamp {} is older than the retention of {} for {}", format_timestamp(timestamp),
                           format_duration(options_.retention.of(quantity)), quantity)};
}

void Acceptor::find_series(const ingest::Parsed& parsed, Draft& draft) const {
  const Bounds bounds = bounds_at(draft.now);
  const bool restricted = draft.permit != nullptr && draft.permit->restricts();
  catalogue::Catalogue::Reader reader(catalogue_);
  for (const ingest::RawReading& raw : parsed.readings) {
    if (!std::isfinite(raw.value)) {
      draft.reject(raw, {ErrorCode::value_invalid, "value is not a finite number"});
      continue;
    }
    const Timestamp timestamp = raw.timestamp_ms ? timestamp_from_ms(*raw.timestamp_ms) : draft.now;
    if (raw.timestamp_ms && (timestamp < bounds.first || timestamp > bounds.last)) {
      if (auto fault = timestamp_fault(raw, timestamp, draft.now)) {
        draft.reject(raw, std::move(*fault));
        continue;
      }
    }
    if (draft.rows == limits::kReadingsPerBatchMax) {  // a journal would not read a longer record back
      draft.reject(raw, {ErrorCode::too_many_readings,
                         fmt::format("a request may have at most {} readings", limits::kReadingsPerBatchMax)});
      continue;
    }
    const double value = raw.unit.empty() ? raw.value : catalogue::to_kept_unit(quantity_of(raw), raw.unit, raw.value);
    if (raw.memo != nullptr && raw.memo->known && !restricted) {  // a memo knows a series, not who may write it
      draft.add(raw.index, {raw.memo->id, raw.memo->place}, {timestamp, value});
      continue;
    }
    const SeriesKey key = key_of(raw);
    if (restricted) {
      if (auto allowed = draft.permit->check(key); !allowed) {
        draft.reject(raw, std::move(allowed.error()));
        continue;
      }
    }
    bool fixes_unit = false;
    if (!raw.unit.empty() && !reader.unit_fits(key.quantity, raw.unit, fixes_unit)) {
      draft.reject(
          raw, {ErrorCode::unit_mismatch, fmt::format("unit \"{}\" is not the unit of {}", raw.unit, key.quantity)});
      continue;
    }
    const auto found = reader.find(key);
    if (!found || fixes_unit) draft.unknown.push_back({draft.rows, &raw, fixes_unit});
    if (found && !fixes_unit && raw.memo != nullptr) *raw.memo = {found->id, found->place, true};
    draft.add(raw.index, found.value_or(catalogue::Catalogue::Found{}), {timestamp, value});
  }
}

void Acceptor::define_series(Draft& draft) const {
  for (const auto& [row, raw, fixes_unit] : draft.unknown) {
    const SeriesKey key = key_of(*raw);
    Result<void> checked = check_names(key);
    if (checked && fixes_unit) checked = check_name("unit", raw->unit, limits::kUnitBytesMax);
    if (checked && fixes_unit) checked = catalogue_.define_unit(key.quantity, raw->unit);
    Result<catalogue::Catalogue::Found> found =
        checked ? catalogue_.define(key, draft.permit == nullptr ? 0 : draft.permit->series_max)
                : std::unexpected(std::move(checked.error()));
    if (found) {
      draft.columns.series[row] = found->id;
      draft.columns.places[row] = found->place;
      if (raw->memo != nullptr) *raw->memo = {found->id, found->place, true};
      continue;
    }
    draft.refused.resize(draft.rows);
    draft.refused[row] = true;
    draft.reject(*raw, std::move(found.error()));
  }
}

Admission Acceptor::accept(const ingest::Parsed& parsed, std::string_view sender, Timestamp now, const Permit* permit,
                           Memory memory) const {
  Draft draft(parsed, now, permit, std::move(memory));
  find_series(parsed, draft);
  define_series(draft);
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
  // Every definition that exists now: a series found above may have been defined by a batch that is
  // still on its way to the journal, or that failed to get there.
  admission.batch = Accepted(Origin{now, std::string(sender.substr(0, limits::kSenderBytesMax))},
                             std::move(draft.columns), catalogue_.definitions());
  return admission;
}

}  // namespace temperature::accept
