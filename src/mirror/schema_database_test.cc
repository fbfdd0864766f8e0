// Against real servers, each of which serves one test after another here: it takes a second or more to start one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "mirror/expiry.h"
#include "mirror/late_hours.h"
#include "mirror/schema.h"
#include "postgres/connection.h"
#include "postgres/transaction.h"
#include "testing/served_database.h"

namespace temperature::mirror {
namespace {

using namespace std::chrono_literals;
using postgres::Connection;

class Database {
 public:
  explicit Database(const std::string& script) : served_(script) {
    auto opened = Connection::open(*postgres::Url::parse(served_.url()), {.purpose = "test"});
    if (!opened) ADD_FAILURE() << opened.error().text;
    connection_ = std::move(*opened);
  }

  Connection& connection() { return *connection_; }

  void script(const std::string& sql) {
    const auto done = connection_->script(sql);
    EXPECT_TRUE(done.has_value()) << done.error().text;
  }
  std::int64_t number(const std::string& sql) {
    const auto rows = connection_->run("SELECT (" + sql + ")::int8");
    if (!rows) ADD_FAILURE() << rows.error().text;
    return rows ? rows->int8(0, 0) : -1;
  }
  Layout migrated(const SchemaOptions& options) {
    const auto report = migrate(*connection_, options);
    if (!report) ADD_FAILURE() << report.error().text;
    return report ? report->layout : Layout();
  }
  // Readings by the minute with from <= time < to; of the value 1.
  void fill(int series, Timestamp from, Timestamp to) {
    script(
        fmt::format("INSERT INTO temperature_service.readings SELECT {}, t, 1 FROM generate_series('{}', "
                    "TIMESTAMPTZ '{}' - INTERVAL '1 millisecond', INTERVAL '1 minute') AS t",
                    series, format_timestamp(from), format_timestamp(to)));
  }
  std::int64_t readings(int series) {
    return number(fmt::format("SELECT count(*) FROM temperature_service.readings WHERE series = {}", series));
  }
  // Whatever is to be deleted, round after round.
  Expired expire(const Layout& layout, const Retention& retention, Timestamp now) {
    Expired all;
    for (;;) {
      const auto expired = drop_expired(*connection_, layout, retention, now);
      if (!expired) {
        ADD_FAILURE() << expired.error().text;
        return all;
      }
      all.readings += expired->readings;
      all.chunks += expired->chunks;
      if (!expired->more) return all;
    }
  }

 private:
  testing::ServedDatabase served_;
  std::unique_ptr<Connection> connection_;
};

constexpr std::string_view kThreeSeries = R"sql(
INSERT INTO temperature_service.series (id, building, room, sensor, quantity)
VALUES (1, '', 'r', 's', 'temperature'), (2, '', 'r', 's', 'co2'), (3, '', 'r', 's', 'humidity')
)sql";
const Timestamp kNow = *parse_rfc3339("2024-06-30T12:30:00Z");

Retention hundred_hours_and_ten_of_co2() {
  Retention retention(100h);
  retention.keep("co2", 10h);
  retention.keep("humidity", Duration(0));
  return retention;
}

TEST(SchemaDatabase, AnOrdinaryTableForgetsToTheMillisecond) {
  Database database("postgres_server.py");
  const Layout layout = database.migrated({});
  EXPECT_EQ(layout.edition, Edition::plain);
  database.script(std::string(kThreeSeries));
  for (const int series : {1, 2, 3}) database.fill(series, kNow - 24h, kNow);

  Retention retention(20h);
  retention.keep("co2", 2h);
  retention.keep("humidity", Duration(0));
  const Expired expired = database.expire(layout, retention, kNow);
  EXPECT_EQ(expired.readings, 4U * 60 + 22U * 60);
  EXPECT_EQ(expired.chunks, 0U);
  EXPECT_EQ(database.readings(1), 20 * 60) << "the oldest is as old as can be";
  EXPECT_EQ(database.readings(2), 2 * 60);
  EXPECT_EQ(database.readings(3), 24 * 60) << "kept for ever";
  EXPECT_EQ(database.expire(layout, retention, kNow + 1ms).readings, 2U);
  EXPECT_EQ(database.expire(layout, Retention(), kNow + 24h * 365).readings, 0U);
  // A round ends at its bound, an hour for each statement; the first of them began at half past.
  const auto round = drop_expired(database.connection(), layout, Retention(Duration(1)), kNow, 3);
  ASSERT_TRUE(round.has_value());
  EXPECT_TRUE(round->more);
  EXPECT_EQ(round->readings, 30U + 2 * 60);
  // Nothing is late where views are computed from readings.
  LateHours late(kNow);
  late.add(kNow - 48h);
  EXPECT_TRUE(late.write(database.connection(), layout).has_value());
  EXPECT_EQ(database.number("SELECT count(*) FROM temperature_service.late_hours"), 0);
  EXPECT_EQ(refresh_late_hours(database.connection(), layout).value_or(true), false);
}

// By the day, of all readings: the aggregate and the readings themselves.
std::int64_t differences(Database& database) {
  return database.number(R"sql(
    SELECT count(*) FROM (
      SELECT date_bin('1 hour', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS bucket, quantity, count(*), sum(value)
      FROM temperature_service.room_readings GROUP BY 1, 2
    ) AS raw FULL JOIN (SELECT bucket, quantity, count, sum FROM temperature_service.room_hours) AS kept
    USING (bucket, quantity) WHERE (raw.count, raw.sum) IS DISTINCT FROM (kept.count, kept.sum))sql");
}

void refresh_all(Database& database, const Layout& layout) {
  for (int round = 0; round < 100; ++round) {
    const auto more = refresh_late_hours(database.connection(), layout);
    ASSERT_TRUE(more.has_value()) << more.error().text;
    if (!*more) return;
  }
  FAIL() << "there is no end to it";
}

// What the database's scheduler does some time.
void run_jobs(Database& database, std::string_view procedure) {
  const auto jobs = database.connection().run(
      fmt::format("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = '{}' ORDER BY job_id", procedure));
  ASSERT_TRUE(jobs.has_value());
  for (int row = 0; row < jobs->count(); ++row) database.script(fmt::format("CALL run_job({})", jobs->int4(row, 0)));
}

void write_late(Database& database, const Layout& layout, Timestamp now, Timestamp from, Timestamp to) {
  auto transaction = postgres::Transaction::begin(database.connection());
  ASSERT_TRUE(transaction.has_value());
  database.fill(1, from, to);
  LateHours late(now);
  for (Timestamp time = from; time < to; time += 1min) late.add(time);
  ASSERT_TRUE(late.write(database.connection(), layout).has_value());
  ASSERT_TRUE(transaction->commit().has_value());
}

TEST(SchemaDatabase, TimescaleCatchesWhatComesLateAndForgetsWhatIsKeptForLess) {
  Database database("timescale_server.py");
  const Layout layout = database.migrated({.retention = hundred_hours_and_ten_of_co2()});
  ASSERT_TRUE(layout.aggregates());
  EXPECT_EQ(database.number("SELECT count(*) FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'"),
            0);
  database.script(std::string(kThreeSeries));
  const Timestamp now = std::chrono::floor<std::chrono::minutes>(
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  database.fill(1, now - 48h, now);
  run_jobs(database, "policy_refresh_continuous_aggregate");
  EXPECT_EQ(differences(database), 0);

  // A month ago: the policies do not look there, and below what they have looked at nothing is computed in passing.
  write_late(database, layout, now, now - 30 * 24h, now - 30 * 24h + 150min);
  run_jobs(database, "policy_refresh_continuous_aggregate");
  EXPECT_GE(differences(database), 3) << "else the test shows nothing";
  refresh_all(database, layout);
  EXPECT_EQ(differences(database), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM temperature_service.late_hours"), 0);

  // Once more, when those hours are columns.
  database.script(
      "SELECT compress_chunk(c) FROM show_chunks('temperature_service.readings', older_than => INTERVAL '20 days') c");
  write_late(database, layout, now, now - 30 * 24h + 150min, now - 30 * 24h + 151min);
  refresh_all(database, layout);
  EXPECT_EQ(differences(database), 0);

  // What is removed from columns is removed from the aggregates, too; a range names what is there and no more.
  database.fill(2, now - 40 * 24h, now - 40 * 24h + 90min);
  LateHours range(now);
  range.add(kTimestampMin, kTimestampMax);
  ASSERT_TRUE(range.write(database.connection(), layout).has_value());
  EXPECT_LE(database.number("SELECT count(*) FROM temperature_service.late_hours"), 24 * 7 * 4);
  refresh_all(database, layout);
  EXPECT_EQ(differences(database), 0);
  database.script(
      "SELECT compress_chunk(c, true) FROM show_chunks('temperature_service.readings', older_than => INTERVAL '20 "
      "days') c");
  const Expired expired = database.expire(layout, hundred_hours_and_ten_of_co2(), now);
  EXPECT_EQ(expired.readings, 151U + 90U);
  EXPECT_EQ(database.readings(2), 0);
  EXPECT_EQ(database.readings(1), 48 * 60);
  refresh_all(database, layout);
  EXPECT_EQ(differences(database), 0);

  // What is kept longest goes by the database's own policy, in whole chunks.
  EXPECT_EQ(database.migrated({.retention = Retention(20 * 24h)}).edition, Edition::community);
  EXPECT_EQ(database.number("SELECT count(*) FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'"),
            3);
  database.fill(3, now - 60 * 24h, now - 60 * 24h + 10min);
  EXPECT_EQ(database.expire(layout, Retention(20 * 24h), now).readings, 0U);
  run_jobs(database, "policy_retention");
  EXPECT_EQ(database.readings(3), 0);
}

}  // namespace
}  // namespace temperature::mirror
