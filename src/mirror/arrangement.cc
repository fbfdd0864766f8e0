#include "mirror/arrangement.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

namespace temperature::mirror {
namespace {

// A week: a query over years opens some hundred chunks, not thousands, each of which costs locks and planning; what is
// written at a time are the ends of the series in the index, however long a chunk is; and a chunk becomes columns, or
// is dropped, in one piece.
constexpr std::string_view kMakeHypertable = R"sql(
DROP INDEX IF EXISTS readings_minute, readings_hour;
SELECT count(*) FROM @timescale@.create_hypertable('temperature_service.readings',
  @timescale@.by_range('time', INTERVAL '7 days'), create_default_indexes => false, migrate_data => true);
)sql";

// Of an ordinary table: where the minutes and hours of a range of time are, which the views ask for by what they
// reckon. With (series, time) alone a room's day would be looked for in all of its readings, each on a page of its own.
// A block with some late readings in it stays found by both times (minmax_multi). A tenth of what the other index
// costs.
constexpr std::string_view kRanges = R"sql(
CREATE INDEX readings_minute ON readings
  USING brin ((date_bin('1 minute', time, TIMESTAMPTZ '2000-01-01 00:00:00+00')) timestamptz_minmax_multi_ops)
  WITH (autosummarize = on);
CREATE INDEX readings_hour ON readings
  USING brin ((date_bin('1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00')) timestamptz_minmax_multi_ops)
  WITH (autosummarize = on);
)sql";

// Readings of a week ago come late rarely, so few chunks are changed after they have become columns.
constexpr std::string_view kColumnstore = R"sql(
ALTER TABLE readings SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'series',
  timescaledb.orderby = 'time');
CALL @timescale@.add_columnstore_policy('temperature_service.readings', after => INTERVAL '7 days',
  if_not_exists => true);
)sql";
constexpr std::string_view kCompression = R"sql(
ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'series',
  timescaledb.compress_orderby = 'time');
SELECT @timescale@.add_compression_policy('temperature_service.readings', INTERVAL '7 days', if_not_exists => true);
)sql";

// By series, so that a series that is renamed or moved takes its minutes with it; the views sum them up to rooms. Sums
// and counts are kept, from which every average is exact; an average of averages is not. What was there before is noted
// as late: else it would be missing below the first refresh.
constexpr std::string_view kAggregates = R"sql(
CREATE MATERIALIZED VIEW IF NOT EXISTS reading_minutes
  WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT series, @timescale@.time_bucket('1 minute', time) AS bucket,
         count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max
  FROM temperature_service.readings GROUP BY 1, 2 WITH NO DATA;
CREATE MATERIALIZED VIEW IF NOT EXISTS reading_hours
  WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
  SELECT series, @timescale@.time_bucket('1 hour', bucket) AS bucket,
         sum(count)::int8 AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max
  FROM temperature_service.reading_minutes GROUP BY 1, 2 WITH NO DATA;
SELECT @timescale@.set_chunk_time_interval('temperature_service.reading_minutes', INTERVAL '7 days');
SELECT @timescale@.set_chunk_time_interval('temperature_service.reading_hours', INTERVAL '28 days');
INSERT INTO late_hours (hour, noted)
  SELECT h, date_trunc('milliseconds', clock_timestamp())
  FROM timescaledb_information.chunks AS c,
       generate_series(c.range_start, c.range_end - INTERVAL '1 hour', INTERVAL '1 hour') AS h
  WHERE c.hypertable_schema = 'temperature_service' AND c.hypertable_name = 'readings' AND h < now()
  ON CONFLICT (hour) DO UPDATE SET noted = excluded.noted;
)sql";

// Readings of the last hour change no bucket that was refreshed, so they cost nothing there; queries read them as they
// are. A transaction that changes older ones has the database remember one range, from the oldest to the newest: with a
// window that is open to the past, a single reading of years ago in a batch would have all years aggregated anew. So
// the window is a week, and what is older than a day when it is written is noted by the service (late_hours.h). Many
// buckets at a time: one by one, as newer versions do by themselves, takes a thousand times as long.
constexpr std::string_view kRefresh = R"sql(
SELECT @timescale@.remove_continuous_aggregate_policy('temperature_service.reading_hours', if_exists => true);
SELECT @timescale@.remove_continuous_aggregate_policy('temperature_service.reading_minutes', if_exists => true);
SELECT @timescale@.add_continuous_aggregate_policy('temperature_service.reading_minutes',
  start_offset => INTERVAL '7 days', end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '10 minutes'
  @minutes_at_once@);
SELECT @timescale@.add_continuous_aggregate_policy('temperature_service.reading_hours',
  start_offset => INTERVAL '7 days', end_offset => INTERVAL '3 hours', schedule_interval => INTERVAL '1 hour'
  @hours_at_once@);
)sql";

// The aggregates as columns, too: by the minute there can be as many of them as readings.
constexpr std::string_view kAggregateColumns = R"sql(
ALTER MATERIALIZED VIEW reading_minutes SET (timescaledb.enable_columnstore = true);
ALTER MATERIALIZED VIEW reading_hours SET (timescaledb.enable_columnstore = true);
CALL @timescale@.add_columnstore_policy('temperature_service.reading_minutes', after => INTERVAL '15 days',
  if_not_exists => true);
CALL @timescale@.add_columnstore_policy('temperature_service.reading_hours', after => INTERVAL '15 days',
  if_not_exists => true);
)sql";
constexpr std::string_view kAggregateCompression = R"sql(
ALTER MATERIALIZED VIEW reading_minutes SET (timescaledb.compress = true);
ALTER MATERIALIZED VIEW reading_hours SET (timescaledb.compress = true);
SELECT @timescale@.add_compression_policy('temperature_service.reading_minutes', INTERVAL '15 days',
  if_not_exists => true);
SELECT @timescale@.add_compression_policy('temperature_service.reading_hours', INTERVAL '15 days',
  if_not_exists => true);
)sql";

constexpr std::string_view kNoRetention = R"sql(
SELECT @timescale@.remove_retention_policy('temperature_service.@relation@', if_exists => true);
)sql";
constexpr std::string_view kRetention = R"sql(
SELECT @timescale@.add_retention_policy('temperature_service.@relation@', drop_after => INTERVAL '@seconds@ seconds');
)sql";

constexpr std::string_view kRoomReadings = R"sql(
CREATE OR REPLACE VIEW @views@.room_readings AS
  SELECT r.time, s.building, s.room, s.sensor, s.quantity, r.value
  FROM temperature_service.readings AS r JOIN temperature_service.series AS s ON s.id = r.series;
COMMENT ON VIEW @views@.room_readings IS 'Every reading, with its names';
)sql";
constexpr std::string_view kFromReadings = R"sql(
CREATE OR REPLACE VIEW @views@.@view@ AS
  SELECT @bucket@ AS bucket, s.building, s.room, s.quantity,
         count(*) AS count, sum(r.value) AS sum, min(r.value) AS min, max(r.value) AS max
  FROM temperature_service.readings AS r JOIN temperature_service.series AS s ON s.id = r.series
  GROUP BY 1, 2, 3, 4;
)sql";
constexpr std::string_view kFromAggregates = R"sql(
CREATE OR REPLACE VIEW @views@.@view@ AS
  SELECT a.bucket, s.building, s.room, s.quantity,
         sum(a.count)::int8 AS count, sum(a.sum) AS sum, min(a.min) AS min, max(a.max) AS max
  FROM temperature_service.@aggregate@ AS a JOIN temperature_service.series AS s ON s.id = a.series
  GROUP BY 1, 2, 3, 4;
)sql";
// time_bucket() is what TimescaleDB finds chunks by; date_bin() is PostgreSQL's own.
constexpr std::string_view kPlainBucket = "date_bin('1 @unit@', r.time, TIMESTAMPTZ '2000-01-01 00:00:00+00')";
constexpr std::string_view kHypertableBucket = "@timescale@.time_bucket('1 @unit@', r.time)";

using Words = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string filled(std::string_view text, Words words) {
  std::string out(text);
  for (const auto& [name, value] : words) {
    const std::string mark = fmt::format("@{}@", name);
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + value.size())) {
      out.replace(at, mark.size(), value);
    }
  }
  return out;
}

std::string retention_sql(Duration length) {
  std::string sql;
  for (const std::string_view relation : {"readings", "reading_minutes", "reading_hours"}) {
    sql += filled(kNoRetention, {{"relation", relation}});
    if (length == Duration(0)) continue;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(length).count();
    sql += filled(kRetention, {{"relation", relation}, {"seconds", std::to_string(seconds)}});
  }
  return sql;
}

std::string views_sql(Edition edition, bool schema_there) {
  std::string sql = schema_there ? "" : "CREATE SCHEMA @views@;";
  sql += kRoomReadings;
  for (const auto& [view, aggregate, unit] :
       {std::tuple{"room_minutes", "reading_minutes", "minute"}, std::tuple{"room_hours", "reading_hours", "hour"}}) {
    if (edition == Edition::community) {
      sql += filled(kFromAggregates, {{"view", view}, {"aggregate", aggregate}});
    } else {
      sql += filled(
          kFromReadings,
          {{"view", view}, {"bucket", edition == Edition::plain ? kPlainBucket : kHypertableBucket}, {"unit", unit}});
    }
    sql += fmt::format("COMMENT ON VIEW @views@.{} IS 'Readings of a room by the {}; a bucket is named by its start';",
                       view, unit);
  }
  return sql;
}

// All parts of an edition, as they are to be, and what there must be of each.
class Plan {
 public:
  Plan(const ServerOffer& offer, const SchemaState& state) : offer_(offer), state_(state) {}

  void add(std::string_view name, std::string content, std::string_view sql, bool complete) {
    const auto recorded = state_.parts.find(std::string(name));
    if (complete && recorded != state_.parts.end() && recorded->second == content) return;
    due_.push_back(Part{std::string(name), std::move(content),
                        filled(sql, {{"timescale", offer_.extension}, {"views", offer_.view_schema}})});
  }
  void add(std::string_view name, std::string content, std::string_view sql) {
    add(name, std::move(content), sql, true);
  }

  std::vector<Part> take() { return std::move(due_); }

 private:
  const ServerOffer& offer_;
  const SchemaState& state_;
  std::vector<Part> due_;
};

bool has_all(const std::set<std::string>& there, std::initializer_list<const char*> names) {
  return std::ranges::all_of(names, [&there](const char* name) { return there.contains(name); });
}

void plan_community(Plan& plan, const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options) {
  const bool aggregates = has_all(state.relations, {"reading_minutes", "reading_hours"});
  plan.add("columnstore", "by series, ordered by time, after 7 days",
           offer.columnstore_names ? kColumnstore : kCompression);
  plan.add(kMinutesPart, "count, sum, min and max by series, by the minute and by the hour", kAggregates, aggregates);
  const bool at_once = offer.buckets_per_batch;
  plan.add("refresh", fmt::format("from 7 days ago{}", at_once ? ", a day of minutes at a time" : ""),
           filled(kRefresh, {{"minutes_at_once", at_once ? ", buckets_per_batch => 1440" : ""},
                             {"hours_at_once", at_once ? ", buckets_per_batch => 168" : ""}}),
           aggregates);
  plan.add("columnstore of aggregates", "after 15 days",
           offer.columnstore_names ? kAggregateColumns : kAggregateCompression, aggregates);
  if (options.retention) {
    const Duration length = longest(*options.retention);
    plan.add("retention", length == Duration(0) ? "none" : format_duration(length), retention_sql(length), aggregates);
  }
}

}  // namespace

Edition edition_of(const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options) {
  if (offer.edition == Edition::plain) return Edition::plain;
  return state.hypertable || state.empty || options.convert ? offer.edition : Edition::plain;
}

std::vector<Part> due_parts(const ServerOffer& offer, const SchemaState& state, const SchemaOptions& options) {
  const Edition edition = edition_of(offer, state, options);
  Plan plan(offer, state);
  if (edition == Edition::plain) {
    plan.add("ranges", "by the minute and by the hour", kRanges);
  } else {
    plan.add(kHypertablePart, "by time, a week a chunk", kMakeHypertable, state.hypertable);
  }
  if (edition == Edition::community) plan_community(plan, offer, state, options);
  plan.add("views", fmt::format("in {}, for {}", offer.view_schema, text_of(edition)),
           views_sql(edition, state.view_schema),
           has_all(state.views, {"room_readings", "room_minutes", "room_hours"}));
  return plan.take();
}

}  // namespace temperature::mirror
