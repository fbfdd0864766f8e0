#include "client/original_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <vector>

#include "postgres/copy_rows.h"
#include "postgres/transaction.h"

namespace temperature::client {
namespace {

constexpr std::string_view kColumns[] = {"building_id", "room_id", "sensor_id", "temperature", "reading_time"};

std::unexpected<Error> refused(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

std::unexpected<Error> unreadable(const postgres::Failure& failed) {
  return std::unexpected(postgres::as_error("the original's table cannot be read", failed));
}

// How a temperature of this type becomes a float8; empty: none is. A real is read by its text, so that 21.3 stays 21.3.
std::string temperature_of(std::string_view type) {
  if (type == "double precision") return "temperature";
  if (type == "real") return "temperature::text::float8";
  if (type == "numeric" || type == "integer" || type == "bigint" || type == "smallint") return "temperature::float8";
  return {};
}

// The same of a time.
std::string time_of(std::string_view type) {
  if (type == "timestamp with time zone") return "reading_time";
  if (type == "timestamp without time zone") return "(reading_time AT TIME ZONE 'UTC')";
  if (type == "date") return "(reading_time::timestamp AT TIME ZONE 'UTC')";
  return {};
}

std::optional<std::string_view> next_text(postgres::CopiedRow& row) {
  const bool null = row.next_is_null();
  const std::string_view text = row.bytes();
  return null ? std::nullopt : std::optional(text);
}

}  // namespace

Result<OriginalTable> OriginalTable::find(postgres::Connection& connection, const std::string& name) {
  OriginalTable table(connection);
  if (auto found = table.find_name(name); !found) return std::unexpected(std::move(found.error()));
  if (auto found = table.find_columns(); !found) return std::unexpected(std::move(found.error()));
  return table;
}

Result<void> OriginalTable::find_name(const std::string& name) {
  postgres::Parameters parameters;
  parameters.text(name);
  const auto found = connection_->run(
      "SELECT c.oid::int8, format('%I.%I', n.nspname, c.relname), c.relkind = 'r' AND NOT EXISTS "
      "(SELECT FROM pg_inherits WHERE inhparent = c.oid) FROM pg_class c "
      "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
      "(c.oid = to_regclass($1) OR to_regclass($1) IS NULL AND c.relname = $1 AND n.nspname !~ '^(pg_|_timescaledb_)') "
      "ORDER BY 2",
      parameters);
  if (!found) return unreadable(found.error());
  if (found->count() == 0) return refused(fmt::format("the database has no table {} that this role may see", name));
  std::vector<std::string> names;
  for (int row = 0; row < found->count(); ++row) names.emplace_back(found->text(row, 1));
  if (names.size() > 1) {
    return refused(
        fmt::format("the database has several tables of that name: say which by --table {}", fmt::join(names, " or ")));
  }
  number_ = found->int8(0, 0);
  name_ = names.front();
  // Parts of a table, such as a hypertable's chunks, may be compressed: their rows have no place.
  if (found->boolean(0, 2)) order_ = ", ctid";
  return {};
}

Result<void> OriginalTable::find_columns() {
  postgres::Parameters parameters;
  parameters.int8(number_);
  const auto found = connection_->run(
      "SELECT a.attname::text, (CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END)::regtype::text, "
      "a.attnotnull FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
      "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped",
      parameters);
  if (!found) return unreadable(found.error());
  std::map<std::string, std::string, std::less<>> types;
  for (int row = 0; row < found->count(); ++row) {
    types.emplace(found->text(row, 0), found->text(row, 1));
    if (found->text(row, 0) == "reading_time") timeless_ = !found->boolean(row, 2);
  }
  std::vector<std::string_view> missing;
  for (const std::string_view column : kColumns) {
    if (!types.contains(column)) missing.push_back(column);
  }
  if (!missing.empty()) {
    return refused(fmt::format("{} is not the original's table: it has no column {}", name_, fmt::join(missing, ", ")));
  }
  const std::string& temperature_type = types.find("temperature")->second;
  const std::string& time_type = types.find("reading_time")->second;
  temperature_ = temperature_of(temperature_type);
  time_ = time_of(time_type);
  zoned_ = time_type == "timestamp with time zone";
  if (types.contains("id")) order_ = ", id";
  if (temperature_.empty()) {
    return refused(fmt::format("{}: temperature is of type {}, which is no number", name_, temperature_type));
  }
  if (time_.empty()) return refused(fmt::format("{}: reading_time is of type {}, which is no time", name_, time_type));
  return {};
}

Result<std::optional<OriginalTable::Span>> OriginalTable::span() {
  Timestamp ends[2];
  for (int i = 0; i < 2; ++i) {
    const auto found = connection_->run(fmt::format(
        "SELECT {} FROM (SELECT {}(reading_time) AS reading_time FROM {}) e", time_, i == 0 ? "min" : "max", name_));
    if (!found) return unreadable(found.error());
    if (found->count() != 1 || found->null(0, 0)) return std::nullopt;
    ends[i] = found->timestamp(0, 0);
  }
  return Span{ends[0], ends[1]};
}

// Of the column as it is, so that the database can use its index.
std::string OriginalTable::condition(std::optional<Timestamp> from, std::optional<Timestamp> to) const {
  const auto bound = [this](Timestamp at) {
    return fmt::format("('{}'::timestamptz{})", format_timestamp(at), zoned_ ? "" : " AT TIME ZONE 'UTC'");
  };
  std::string text = "true";
  if (from) text += fmt::format(" AND reading_time >= {}", bound(*from));
  if (to) text += fmt::format(" AND reading_time < {}", bound(*to));
  // Those without a time come last: whoever goes on somewhere has not seen them.
  if (from && !to && timeless_) text += " OR reading_time IS NULL";
  return text;
}

Result<void> OriginalTable::read(std::optional<Timestamp> from, std::optional<Timestamp> to,
                                 const std::function<bool(const Row&)>& take) {
  auto transaction = postgres::Transaction::begin(*connection_, "BEGIN READ ONLY");
  if (!transaction) return unreadable(transaction.error());
  if (auto set = connection_->run("SELECT set_config('statement_timeout', '0', true)"); !set) {
    return unreadable(set.error());
  }
  bool wanted = true;
  bool whole = true;
  const auto copied = connection_->copy_out(
      fmt::format("COPY (SELECT building_id::text, room_id::text, sensor_id::text, {}, {} FROM {} WHERE {} "
                  "ORDER BY reading_time{}) TO STDOUT (FORMAT binary)",
                  temperature_, time_, name_, condition(from, to), order_),
      [&](std::string_view bytes) {
        postgres::CopiedRow columns(bytes);
        Row row;
        row.building = next_text(columns);
        row.room = next_text(columns);
        row.sensor = next_text(columns);
        if (columns.next_is_null()) {
          columns.bytes();
        } else {
          row.temperature = columns.float8();
        }
        if (!columns.next_is_null()) row.time = columns.timestamp();
        whole = columns.ok();
        wanted = whole && take(row);
        return wanted;
      });
  if (!whole) return refused("the original's table cannot be read: a row of it is not as it was asked for");
  if (!wanted || copied) return {};
  return unreadable(copied.error());
}

std::expected<OutgoingReading, std::string> OriginalTable::reading_of(const Row& row) {
  for (const auto& [name, value] :
       {std::pair("building_id", row.building), std::pair("room_id", row.room), std::pair("sensor_id", row.sensor)}) {
    if (!value) return std::unexpected(fmt::format("{} is NULL", name));
    if (value->empty()) return std::unexpected(fmt::format("{} is empty", name));
  }
  if (!row.temperature) return std::unexpected("temperature is NULL");
  if (std::isnan(*row.temperature)) return std::unexpected("temperature is NaN");
  if (std::isinf(*row.temperature)) return std::unexpected("temperature is infinite");
  if (!row.time) return std::unexpected("reading_time is NULL");
  if (*row.time == kTimestampMax || *row.time == kTimestampMin) return std::unexpected("reading_time is infinite");
  return OutgoingReading{.building = *row.building,
                         .room = *row.room,
                         .sensor = *row.sensor,
                         .quantity = {},
                         .unit = {},
                         .timestamp = *row.time,
                         .value = *row.temperature};
}

}  // namespace temperature::client
