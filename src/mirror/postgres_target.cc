#include "mirror/postgres_target.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "mirror/late_hours.h"

namespace temperature::mirror {
namespace {

using postgres::Outcome;
using postgres::Parameters;
using postgres::Transaction;

constexpr std::int32_t kUnknown = -1;
// A piece of a COPY.
constexpr std::size_t kPieceBytes = 256 * 1024;

// Within the transaction alone: a session may be another transaction's tomorrow. A role's own bounds are for people's
// statements.
constexpr const char* kBounds =
    "SELECT set_config('statement_timeout', '100s', true), set_config('lock_timeout', '30s', true)";
constexpr const char* kBoundsCompressed =
    "SELECT set_config('statement_timeout', '100s', true), set_config('lock_timeout', '30s', true), "
    "set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)";

void add(Parameters& parameters, const Fence& fence) {
  parameters.uuid(fence.journal.text());
  parameters.int8(static_cast<std::int64_t>(fence.position.value()));
  parameters.int8(fence.number);
  parameters.int8(static_cast<std::int64_t>(fence.owed_ranges));
}

// The first and the last moment of some rows: a chunk that lies outside is not looked at.
void add_bounds(Parameters& parameters, Timestamp from, Timestamp upto) {
  parameters.timestamp(from);
  parameters.timestamp(upto);
}

}  // namespace

Outcome<std::optional<Fence>> PostgresTarget::fence() {
  const auto found = connection_.run("SELECT journal_id, position, fence, owed_ranges FROM temperature_service.mirror");
  if (!found) return std::unexpected(found.error());
  if (found->count() == 0) return std::nullopt;
  const auto journal = JournalId::parse(found->uuid(0, 0));
  if (!journal) return std::unexpected(postgres::Failure{.text = "temperature_service.mirror holds no journal's id"});
  return Fence{*journal, Position(static_cast<std::uint64_t>(found->int8(0, 1))), found->int8(0, 2),
               static_cast<std::uint64_t>(found->int8(0, 3))};
}

Outcome<Transaction> PostgresTarget::begin() {
  auto transaction = Transaction::begin(connection_);
  if (!transaction) return transaction;
  const auto set = connection_.run(options_.layout.aggregates() ? kBoundsCompressed : kBounds);
  if (!set) return std::unexpected(set.error());
  return transaction;
}

// Locks the fence, so that whoever else writes waits until the transaction is over, and then finds another one.
Outcome<bool> PostgresTarget::move_fence(const Fence& from, const Fence& to) {
  Parameters parameters;
  add(parameters, to);
  parameters.uuid(from.journal.text());
  parameters.int8(static_cast<std::int64_t>(from.position.value()));
  parameters.int8(from.number);
  const auto moved = connection_.run(
      "UPDATE temperature_service.mirror SET journal_id = $1, position = $2, fence = $3, owed_ranges = $4, "
      "updated_at = now() WHERE journal_id = $5 AND position = $6 AND fence = $7",
      parameters);
  if (!moved) return std::unexpected(moved.error());
  return moved->affected() == 1;
}

Outcome<bool> PostgresTarget::claim(const std::optional<Fence>& from, const Fence& to, bool emptied) {
  auto transaction = begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (from) {
    const auto moved = move_fence(*from, to);
    if (!moved || !*moved) return moved;
  } else {
    Parameters parameters;
    add(parameters, to);
    const auto made = connection_.run(
        "INSERT INTO temperature_service.mirror (journal_id, position, fence, owed_ranges, updated_at) "
        "VALUES ($1, $2, $3, $4, now()) ON CONFLICT DO NOTHING",
        parameters);
    if (!made) return std::unexpected(made.error());
    if (made->affected() != 1) return false;
  }
  if (emptied) {
    const auto done = connection_.run("TRUNCATE temperature_service.readings");
    if (!done) return std::unexpected(done.error());
  }
  if (auto committed = transaction->commit(); !committed) return std::unexpected(std::move(committed.error()));
  return true;
}

Outcome<bool> PostgresTarget::write(const Fence& from, const Fence& to, const Batch& batch) {
  auto transaction = begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto moved = move_fence(from, to);
  if (!moved || !*moved) return moved;
  new_.clear();
  Outcome<void> done = fill(batch);
  if (done) done = transaction->commit();
  if (!done) {
    forget_new();
    return std::unexpected(std::move(done.error()));
  }
  return true;
}

Outcome<void> PostgresTarget::fill(const Batch& batch) {
  Outcome<void> done = put_units(batch.units);
  if (done) done = know(batch.absent.series);
  if (done) done = know(batch.fresh.series);
  if (done && !batch.cleared.empty()) {
    done = know(batch.cleared);
    if (done) done = clear(batch.cleared);
  }
  if (done && !batch.absent.empty()) done = insert(batch.absent, true);
  if (done && !batch.fresh.empty()) done = options_.copies ? copy(batch.fresh) : insert(batch.fresh, false);
  return done ? note_late(batch) : done;
}

// Beside the readings, so that nothing is forgotten when this program is.
Outcome<void> PostgresTarget::note_late(const Batch& batch) {
  LateHours late(clock_.now());
  for (const Timestamp time : batch.absent.timestamps) late.add(time);
  for (const Timestamp time : batch.fresh.timestamps) late.add(time);
  for (const SeriesSpan& span : batch.cleared) late.add(span.from, span.to);
  if (late.empty()) return {};
  late_ = true;
  return late.write(connection_, options_.layout);
}

Outcome<void> PostgresTarget::put_units(std::span<const catalogue::UnitDefined> units) {
  for (const catalogue::UnitDefined& each : units) {
    Parameters parameters;
    parameters.text(each.quantity);
    parameters.text(each.unit);
    const auto put = connection_.run(
        "INSERT INTO temperature_service.units (quantity, unit) VALUES ($1, $2) "
        "ON CONFLICT (quantity) DO UPDATE SET unit = excluded.unit WHERE units.unit <> excluded.unit",
        parameters);
    if (!put) return std::unexpected(put.error());
  }
  return {};
}

Outcome<void> PostgresTarget::know(std::span<const SeriesSpan> spans) {
  std::vector<SeriesId> series;
  for (const SeriesSpan& span : spans) series.push_back(span.series);
  return know(series);
}

Outcome<void> PostgresTarget::know(std::span<const SeriesId> series) {
  std::vector<SeriesId> unknown;
  SeriesId before(UINT32_MAX);
  for (const SeriesId each : series) {
    if (each == std::exchange(before, each)) continue;
    if (each.value() >= ids_.size()) ids_.resize(std::max<std::size_t>(each.value() + 1U, 2 * ids_.size()), kUnknown);
    if (ids_[each.value()] == kUnknown) unknown.push_back(each);
  }
  if (unknown.empty()) return {};
  std::ranges::sort(unknown);
  unknown.erase(std::ranges::unique(unknown).begin(), unknown.end());
  return look_up(unknown);
}

namespace {

// The names of series as columns, and their numbers in the database.
struct Names {
  std::vector<std::string_view> buildings;
  std::vector<std::string_view> rooms;
  std::vector<std::string_view> quantities;
  std::vector<std::string_view> sensors;

  Names(const catalogue::Catalogue& catalogue, std::span<const SeriesId> series) {
    for (const SeriesId id : series) {
      const catalogue::SeriesInfo each = catalogue.series(id);
      const catalogue::WindowInfo window = catalogue.window(each.place.window);
      buildings.push_back(window.building);
      rooms.push_back(window.room);
      quantities.push_back(window.quantity);
      sensors.push_back(each.sensor);
    }
  }
  [[nodiscard]] Parameters parameters() const {
    Parameters all;
    all.texts(buildings);
    all.texts(rooms);
    all.texts(quantities);
    all.texts(sensors);
    return all;
  }
};

}  // namespace

Outcome<void> PostgresTarget::look_up(std::vector<SeriesId>& unknown) {
  std::vector<catalogue::UnitDefined> units;
  for (const bool made : {false, true}) {
    const Names names(catalogue_, unknown);
    if (made) {
      const auto inserted = connection_.run(
          "INSERT INTO temperature_service.series (building, room, quantity, sensor) "
          "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])",
          names.parameters());
      if (!inserted) return std::unexpected(inserted.error());
      for (const std::string_view quantity : names.quantities) {
        const std::string unit = catalogue_.unit(quantity);
        if (!unit.empty() && units_.emplace(quantity).second) units.push_back({std::string(quantity), unit});
      }
    }
    const auto found = connection_.run(
        "SELECT n, id FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) "
        "WITH ORDINALITY AS named (building, room, quantity, sensor, n) "
        "JOIN temperature_service.series USING (building, room, quantity, sensor)",
        names.parameters());
    if (!found) return std::unexpected(found.error());
    for (int row = 0; row < found->count(); ++row) {
      const SeriesId series = unknown[static_cast<std::size_t>(found->int8(row, 0)) - 1];
      ids_[series.value()] = found->int4(row, 1);
      new_.push_back(series);
    }
    std::erase_if(unknown, [this](SeriesId series) { return ids_[series.value()] != kUnknown; });
    if (unknown.empty()) return put_units(units);
  }
  return std::unexpected(postgres::Failure{.text = "series that were just written cannot be found again"});
}

// What the transaction had made is not there.
void PostgresTarget::forget_new() {
  for (const SeriesId series : new_) ids_[series.value()] = kUnknown;
  new_.clear();
  units_.clear();
}

// Spans as the columns $1 to $3 of a statement, and their bounds, $4 and $5.
Parameters PostgresTarget::columns_of(std::span<const SeriesSpan> spans) const {
  std::vector<std::int32_t> series;
  std::vector<Timestamp> from;
  std::vector<Timestamp> to;
  for (const SeriesSpan& span : spans) {
    series.push_back(id_of(span.series));
    from.push_back(span.from);
    to.push_back(span.to);
  }
  Parameters parameters;
  parameters.int4s(series);
  parameters.timestamps(from);
  parameters.timestamps(to);
  add_bounds(parameters, std::ranges::min(from), std::ranges::max(to));
  return parameters;
}

Outcome<void> PostgresTarget::clear(std::span<const SeriesSpan> spans) {
  const auto done = connection_.run(
      "DELETE FROM temperature_service.readings AS had "
      "USING unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) AS span (series, since, until) "
      "WHERE had.series = span.series AND had.time >= span.since AND had.time < span.until "
      "AND had.time >= $4 AND had.time <= $5",
      columns_of(spans));
  if (!done) return std::unexpected(done.error());
  return {};
}

// Mostly there are few, and then nothing is written: not even the fence.
Outcome<Target::Thinned> PostgresTarget::thin_out(const Fence& from, const Fence& to,
                                                  std::span<const SeriesSpan> spans) {
  auto transaction = begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  new_.clear();
  auto thinned = thin_out_within(*transaction, from, to, spans);
  if (!thinned || *thinned != Thinned::some) forget_new();
  return thinned;
}

Outcome<Target::Thinned> PostgresTarget::thin_out_within(Transaction& transaction, const Fence& from, const Fence& to,
                                                         std::span<const SeriesSpan> spans) {
  if (auto known = know(spans); !known) return std::unexpected(std::move(known.error()));
  const auto full = fullest_prefix(spans);
  if (!full) return std::unexpected(full.error());
  if (full->empty()) return Thinned::enough;
  const auto moved = move_fence(from, to);
  if (!moved) return std::unexpected(moved.error());
  if (!*moved) return Thinned::another;
  Batch cleared;
  cleared.cleared = *full;
  Outcome<void> done = clear(cleared.cleared);
  if (done) done = note_late(cleared);
  if (done) done = transaction.commit();
  if (!done) return std::unexpected(std::move(done.error()));
  return Thinned::some;
}

Outcome<std::vector<SeriesSpan>> PostgresTarget::fullest_prefix(std::span<const SeriesSpan> spans) {
  std::vector<SeriesSpan> full;
  std::int64_t readings = 0;
  constexpr std::size_t kAtOnce = 100;
  constexpr auto kMost = static_cast<std::int64_t>(limits::kMirrorClearedReadings);
  for (std::size_t at = 0; at < spans.size(); at += kAtOnce) {
    const auto part = spans.subspan(at, std::min(kAtOnce, spans.size() - at));
    Parameters parameters = columns_of(part);
    parameters.int8(kMost + 1);
    const auto counted = connection_.run(
        "SELECT had.count, had.last FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY "
        "AS span (series, since, until, n), LATERAL (SELECT count(*) AS count, max(time) AS last FROM ("
        "SELECT time FROM temperature_service.readings WHERE series = span.series AND time >= span.since "
        "AND time < span.until AND time >= $4 AND time <= $5 ORDER BY time LIMIT $6::int8) AS first) AS had ORDER BY n",
        parameters);
    if (!counted) return std::unexpected(counted.error());
    for (int row = 0; row < counted->count(); ++row) {
      SeriesSpan span = part[static_cast<std::size_t>(row)];
      readings += counted->int8(row, 0);
      // One by itself that has too many ends before the one that is too many.
      if (counted->int8(row, 0) > kMost) span.to = counted->timestamp(row, 1);
      full.push_back(span);
      if (readings > kMost) return full;
    }
  }
  return std::vector<SeriesSpan>();
}

Outcome<void> PostgresTarget::insert(const Rows& rows, bool where_absent) {
  std::vector<std::int32_t> series;
  series.reserve(rows.size());
  for (const SeriesId each : rows.series) series.push_back(id_of(each));
  Parameters parameters;
  parameters.int4s(series);
  parameters.timestamps(rows.timestamps);
  parameters.float8s(rows.values);
  add_bounds(parameters, std::ranges::min(rows.timestamps), std::ranges::max(rows.timestamps));
  const auto done = connection_.run(
      where_absent ? "INSERT INTO temperature_service.readings (series, time, value) "
                     "SELECT new.series, new.time, new.value "
                     "FROM unnest($1::int4[], $2::timestamptz[], $3::float8[]) AS new (series, time, value) "
                     "WHERE NOT EXISTS (SELECT FROM temperature_service.readings AS had WHERE had.series = new.series "
                     "AND had.time = new.time AND had.time >= $4 AND had.time <= $5)"
                   : "INSERT INTO temperature_service.readings (series, time, value) "
                     "SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::float8[]) AS new (series, time, value) "
                     "WHERE time >= $4 AND time <= $5",
      parameters);
  if (!done) return std::unexpected(done.error());
  return {};
}

// In the order of the index, whose pages are then written one after another: half of the server's work.
std::vector<std::uint32_t> PostgresTarget::order_of_index(const Rows& rows) const {
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {},
                    [&](std::uint32_t row) { return std::tuple(id_of(rows.series[row]), rows.timestamps[row], row); });
  return order;
}

Outcome<void> PostgresTarget::copy(const Rows& rows) {
  auto done =
      connection_.copy_in_begin("COPY temperature_service.readings (series, time, value) FROM STDIN (FORMAT binary)");
  if (!done) return done;
  rows_.clear();
  for (const std::uint32_t row : order_of_index(rows)) {
    rows_.row(3);
    rows_.int4(id_of(rows.series[row]));
    rows_.timestamp(rows.timestamps[row]);
    rows_.float8(rows.values[row]);
    if (rows_.bytes().size() < kPieceBytes) continue;
    done = connection_.copy_in(rows_.bytes());
    if (!done) return done;
    rows_.drop();
  }
  if (!rows_.bytes().empty()) done = connection_.copy_in(rows_.bytes());
  if (done) done = connection_.copy_in(postgres::kCopyTrailer);
  if (!done) return done;
  const auto copied = connection_.copy_in_end();
  if (!copied) return std::unexpected(copied.error());
  if (*copied == rows.size()) return {};
  return std::unexpected(postgres::Failure{.text = "the database took another number of rows than were sent"});
}

}  // namespace temperature::mirror
