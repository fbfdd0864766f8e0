#include "accept/acceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "base/utf8.h"

namespace temperature::accept {
namespace {

constexpr std::string_view kQuantityDefault = "temperature";

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

}  // namespace

// A batch in the making. Rows keep the request's order; a row whose series is not known yet waits
// in `unknown` until the catalogue may be written to.
struct Acceptor::Draft {
  Draft(const ingest::Parsed& parsed, Timestamp at, Memory memory)
      : now(at),
        columns(std::move(memory.readings)),
        indices(std::move(memory.indices)),
        rejected(parsed.rejected),
        rejected_count(parsed.rejected_count) {
    columns.resize(std::min(parsed.readings.size(), limits::kReadingsPerBatchMax));
    indices.resize(columns.size());
  }

  struct Unknown {
    std::size_t row;
    const ingest::RawReading* raw;
    bool fixes_unit;
  };

  Timestamp now;
  std::size_t rows = 0;  // found so far: the columns' first ones
  ReadingColumns columns;
  std::vector<std::uint32_t> indices;
  std::vector<Unknown> unknown;
  std::vector<bool> refused;  // by row; empty when none is
  std::vector<ingest::Rejected> rejected;
  std::uint64_t rejected_count;

  void reject(std::uint32_t index, Error error) {
    ++rejected_count;
    if (rejected.size() < limits::kDetailsListedMax) rejected.push_back({index, std::move(error)});
  }

  void add(const ingest::RawReading& raw, catalogue::Catalogue::Found found, Timestamp timestamp) {
    columns.set(rows, found.id, found.place, {timestamp, raw.value});
    indices[rows++] = raw.index;
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
          raw.quantity.empty() ? kQuantityDefault : raw.quantity};
}

// What is wrong with a timestamp that lies out of the bounds.
Error Acceptor::timestamp_error(const ingest::RawReading& raw, Timestamp now) const {
  const Timestamp timestamp = timestamp_from_ms(*raw.timestamp_ms);
  if (timestamp < limits::kTimestampFirst) {
    return {ErrorCode::timestamp_too_old,
            fmt::format("timestamp {} lies before the year 2000: it looks like seconds where milliseconds since "
                        "1970 are expected",
                        *raw.timestamp_ms)};
  }
  if (timestamp > now + options_.max_ahead) {
    const std::string far = timestamp > limits::kTimestampLast ? "centuries" : format_duration(timestamp - now);
    return {ErrorCode::timestamp_ahead,
            fmt::format("timestamp {} is {} ahead of the server's time {}; at most {} are allowed", *raw.timestamp_ms,
                        far, format_timestamp(now), format_duration(options_.max_ahead))};
  }
  return {ErrorCode::too_old, fmt::format("timestamp {} is older than the retention of {}", format_timestamp(timestamp),
                                          format_duration(options_.retention))};
}

void Acceptor::find_series(const ingest::Parsed& parsed, Draft& draft) const {
  catalogue::Catalogue::Reader reader(catalogue_);
  const Timestamp last = draft.now + options_.max_ahead;
  const Timestamp first = options_.retention.count() > 0
                              ? std::max(limits::kTimestampFirst, draft.now - options_.retention)
                              : limits::kTimestampFirst;
  for (const ingest::RawReading& raw : parsed.readings) {
    if (!std::isfinite(raw.value)) {
      draft.reject(raw.index, {ErrorCode::value_invalid, "value is not a finite number"});
      continue;
    }
    const Timestamp timestamp = raw.timestamp_ms ? timestamp_from_ms(*raw.timestamp_ms) : draft.now;
    if (raw.timestamp_ms && (timestamp < first || timestamp > last)) {
      draft.reject(raw.index, timestamp_error(raw, draft.now));
      continue;
    }
    const SeriesKey key = key_of(raw);
    bool fixes_unit = false;
    if (!raw.unit.empty() && !reader.unit_fits(key.quantity, raw.unit, fixes_unit)) {
      draft.reject(raw.index, {ErrorCode::unit_mismatch,
                               fmt::format("unit \"{}\" is not the unit of {}", raw.unit, key.quantity)});
      continue;
    }
    if (draft.rows == limits::kReadingsPerBatchMax) {  // a journal would not read a longer record back
      draft.reject(raw.index, {ErrorCode::too_many_readings,
                               fmt::format("a request may have at most {} readings", limits::kReadingsPerBatchMax)});
      continue;
    }
    const auto found = reader.find(key);
    if (!found || fixes_unit) draft.unknown.push_back({draft.rows, &raw, fixes_unit});
    draft.add(raw, found.value_or(catalogue::Catalogue::Found{}), timestamp);
  }
}

void Acceptor::define_series(Draft& draft) const {
  for (const auto& [row, raw, fixes_unit] : draft.unknown) {
    const SeriesKey key = key_of(*raw);
    Result<void> checked = check_names(key);
    if (checked && fixes_unit) checked = check_name("unit", raw->unit, limits::kUnitBytesMax);
    if (checked && fixes_unit) checked = catalogue_.define_unit(key.quantity, raw->unit);
    Result<catalogue::Catalogue::Found> found =
        checked ? catalogue_.define(key) : std::unexpected(std::move(checked.error()));
    if (found) {
      draft.columns.series[row] = found->id;
      draft.columns.places[row] = found->place;
      continue;
    }
    draft.refused.resize(draft.rows);
    draft.refused[row] = true;
    draft.reject(raw->index, std::move(found.error()));
  }
}

Admission Acceptor::accept(const ingest::Parsed& parsed, std::string_view sender, Timestamp now, Memory memory) const {
  Draft draft(parsed, now, std::move(memory));
  find_series(parsed, draft);
  define_series(draft);
  draft.settle();

  std::ranges::sort(draft.rejected, {}, &ingest::Rejected::index);  // the parser's and ours
  Admission admission;
  admission.rejected = std::move(draft.rejected);
  admission.rejected_count = draft.rejected_count;
  if (draft.columns.empty()) return admission;
  admission.indices = std::move(draft.indices);
  // Every definition that exists now: a series found above may have been defined by a batch that is
  // still on its way to the journal, or that failed to get there.
  admission.batch = Accepted(Origin{now, std::string(sender.substr(0, limits::kSenderBytesMax))},
                             std::move(draft.columns), catalogue_.definitions());
  return admission;
}

}  // namespace temperature::accept
