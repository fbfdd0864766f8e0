#include "rebuild/database_source.h"

#include <fmt/format.h>

#include "mirror/schema_steps.h"
#include "postgres/copy_rows.h"

namespace temperature::rebuild {
namespace {

std::unexpected<Error> unreadable(std::string_view what, const postgres::Failure& failed) {
  const bool no_mirror = failed.sqlstate == "42P01" || failed.sqlstate == "3F000";  // undefined table, schema
  if (no_mirror) {
    return failure(ErrorCode::startup,
                   fmt::format("the database has no mirror: {} cannot be read: {}", what, failed.text));
  }
  return failure(ErrorCode::startup, fmt::format("{} cannot be read from the database: {}", what, failed.text));
}

std::unexpected<Error> strange(std::string_view what) {
  return failure(ErrorCode::startup, fmt::format("the database's {} is not as this program writes it", what));
}

}  // namespace

Result<DatabaseSource> DatabaseSource::open(postgres::Connection& connection) {
  auto transaction = postgres::Transaction::begin(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (!transaction) return unreadable("the mirror", transaction.error());
  // A large table takes its time, and while a folder is written the transaction waits.
  const auto set = connection.run(
      "SELECT set_config('statement_timeout', '0', true), "
      "set_config('idle_in_transaction_session_timeout', '0', true)");
  if (!set) return unreadable("the mirror", set.error());
  DatabaseSource source(connection, std::move(*transaction));
  if (auto looked = source.look_at_origin(); !looked) return std::unexpected(std::move(looked.error()));
  return source;
}

Result<void> DatabaseSource::look_at_origin() {
  const auto version =
      connection_->run("SELECT coalesce(max(version), 0)::int8 FROM temperature_service.schema_migrations");
  if (!version) return unreadable("temperature_service.schema_migrations", version.error());
  if (version->count() == 1 && version->int8(0, 0) > mirror::newest_schema_version()) {
    return failure(ErrorCode::startup,
                   fmt::format("the mirror's tables are of version {}; this program knows them up to version {}: use "
                               "the program that wrote them, or a newer one",
                               version->int8(0, 0), mirror::newest_schema_version()));
  }
  const auto fence = connection_->run(
      "SELECT journal_id, position::int8, owed_ranges::int8, updated_at FROM temperature_service.mirror");
  if (!fence) return unreadable("temperature_service.mirror", fence.error());
  if (fence->count() == 0) {
    return failure(ErrorCode::startup, "the database has the mirror's tables, but no service has written to them yet");
  }
  const auto journal = JournalId::parse(fence->uuid(0, 0));
  if (!journal || fence->int8(0, 1) < 0) return strange("table temperature_service.mirror");
  origin_ = {.journal = *journal,
             .position = Position(static_cast<std::uint64_t>(fence->int8(0, 1))),
             .owed_ranges = static_cast<std::uint64_t>(fence->int8(0, 2)),
             .updated = fence->timestamp(0, 3)};
  return {};
}

Result<DatabaseSource::Texts> DatabaseSource::read_pairs(const std::string& sql, std::string_view what) {
  const auto rows = connection_->run(sql);
  if (!rows) return unreadable(what, rows.error());
  Texts texts;
  for (int row = 0; row < rows->count(); ++row) texts.emplace_back(rows->text(row, 0), rows->text(row, 1));
  return texts;
}

Result<DatabaseSource::Texts> DatabaseSource::settings() {
  return read_pairs("SELECT name, value FROM temperature_service.settings ORDER BY name", "settings");
}

Result<DatabaseSource::Texts> DatabaseSource::units() {
  return read_pairs("SELECT quantity, unit FROM temperature_service.units ORDER BY quantity", "units");
}

Result<void> DatabaseSource::copy(const std::string& sql, std::string_view what,
                                  const std::function<Result<void>(std::string_view row)>& take) {
  Result<void> taken;
  const auto copied =
      connection_->copy_out(fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", sql), [&](std::string_view row) {
        taken = take(row);
        return taken.has_value();
      });
  if (!taken) return taken;
  if (!copied) return unreadable(what, copied.error());
  return {};
}

Result<void> DatabaseSource::read_series(const std::function<Result<void>(const Series&)>& take) {
  return copy("SELECT id, building, room, sensor, quantity FROM temperature_service.series ORDER BY id", "series",
              [&](std::string_view bytes) -> Result<void> {
                postgres::CopiedRow row(bytes);
                Series series;
                series.id = row.int4();
                series.key.building = row.bytes();
                series.key.room = row.bytes();
                series.key.sensor = row.bytes();
                series.key.quantity = row.bytes();
                return row.ok() ? take(series) : strange("table temperature_service.series");
              });
}

Result<void> DatabaseSource::read_records(
    std::string_view table, const std::function<Result<void>(std::string_view id, std::string_view record)>& take) {
  return copy(fmt::format("SELECT id, record FROM temperature_service.{} ORDER BY id", table), table,
              [&](std::string_view bytes) -> Result<void> {
                postgres::CopiedRow row(bytes);
                const std::string_view id = row.bytes();
                const std::string_view record = row.bytes();
                return row.ok() ? take(id, record) : strange(fmt::format("table temperature_service.{}", table));
              });
}

Result<std::uint64_t> DatabaseSource::count_readings() {
  const auto rows = connection_->run("SELECT count(*)::int8 FROM temperature_service.readings");
  if (!rows) return unreadable("readings", rows.error());
  return static_cast<std::uint64_t>(rows->int8(0, 0));
}

Result<void> DatabaseSource::read_readings(
    const std::function<Result<void>(std::int32_t series, const Sample&)>& take) {
  return copy("SELECT series, time, value FROM temperature_service.readings", "readings",
              [&](std::string_view bytes) -> Result<void> {
                postgres::CopiedRow row(bytes);
                const std::int32_t series = row.int4();
                const Timestamp time = row.timestamp();
                const double value = row.float8();
                return row.ok() ? take(series, {time, value}) : strange("table temperature_service.readings");
              });
}

}  // namespace temperature::rebuild
