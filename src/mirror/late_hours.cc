#include "mirror/late_hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace temperature::mirror {
namespace {

constexpr std::string_view kNoteHours = R"sql(
INSERT INTO temperature_service.late_hours (hour, noted)
SELECT hour, date_trunc('milliseconds', clock_timestamp()) FROM unnest($1::timestamptz[]) AS h (hour)
ON CONFLICT (hour) DO UPDATE SET noted = excluded.noted
)sql";
// Ranges may have no ends: hours of weeks in which there are readings are noted, and no others.
constexpr std::string_view kNoteRange = R"sql(
INSERT INTO temperature_service.late_hours (hour, noted)
SELECT hour, date_trunc('milliseconds', clock_timestamp())
FROM timescaledb_information.chunks AS c,
     generate_series(greatest(c.range_start, date_bin('1 hour', $1::timestamptz, TIMESTAMPTZ '2000-01-01 00:00:00+00')),
                     least(c.range_end, $2::timestamptz) - INTERVAL '1 millisecond', INTERVAL '1 hour') AS h (hour)
WHERE c.hypertable_schema = 'temperature_service' AND c.hypertable_name = 'readings'
  AND c.range_start < $2::timestamptz AND c.range_end > $1::timestamptz
ON CONFLICT (hour) DO UPDATE SET noted = excluded.noted
)sql";
constexpr std::string_view kOldestHours = R"sql(
SELECT hour, noted FROM temperature_service.late_hours
WHERE hour < (SELECT min(hour) FROM temperature_service.late_hours) + INTERVAL '1 hour' * $1::int4
ORDER BY hour
)sql";
constexpr std::string_view kForget = R"sql(
DELETE FROM temperature_service.late_hours AS l
USING unnest($1::timestamptz[], $2::timestamptz[]) AS done (hour, noted)
WHERE l.hour = done.hour AND l.noted = done.noted
)sql";
// What the database allows outside what it holds.
constexpr Timestamp kEarliest = timestamp_from_ms(-62'135'596'800'000);  // year 1
constexpr Timestamp kLatest = timestamp_from_ms(253'402'300'800'000);    // year 10000

postgres::Outcome<void> refresh(postgres::Connection& connection, const Layout& layout, Timestamp from, Timestamp to) {
  // Hours stand on minutes.
  for (const std::string_view aggregate : {"reading_minutes", "reading_hours"}) {
    auto done = connection.run(fmt::format(
        "CALL {}.refresh_continuous_aggregate('temperature_service.{}', TIMESTAMPTZ '{}', TIMESTAMPTZ '{}')",
        layout.extension, aggregate, format_timestamp(from), format_timestamp(to)));
    if (!done) return std::unexpected(std::move(done).error());
  }
  return {};
}

}  // namespace

postgres::Outcome<void> LateHours::write(postgres::Connection& connection, const Layout& layout) const {
  if (!layout.aggregates()) return {};
  if (!hours_.empty()) {
    std::vector<Timestamp> hours(hours_.begin(), hours_.end());
    std::ranges::sort(hours);
    hours.erase(std::ranges::unique(hours).begin(), hours.end());
    postgres::Parameters parameters;
    parameters.timestamps(hours);
    if (auto noted = connection.run(std::string(kNoteHours), parameters); !noted) {
      return std::unexpected(std::move(noted).error());
    }
  }
  for (const auto& [from, to] : ranges_) {
    postgres::Parameters parameters;
    parameters.timestamp(std::clamp(from, kEarliest, kLatest));
    parameters.timestamp(std::clamp(to, kEarliest, kLatest));
    if (auto noted = connection.run(std::string(kNoteRange), parameters); !noted) {
      return std::unexpected(std::move(noted).error());
    }
  }
  return {};
}

postgres::Outcome<bool> refresh_late_hours(postgres::Connection& connection, const Layout& layout) {
  if (!layout.aggregates()) return false;
  postgres::Parameters most;
  most.int4(limits::kLateHoursAtOnce);
  auto rows = connection.run(std::string(kOldestHours), most);
  if (!rows) return std::unexpected(std::move(rows).error());
  std::vector<Timestamp> hours;
  std::vector<Timestamp> noted;
  for (int row = 0; row < rows->count(); ++row) {
    hours.push_back(rows->timestamp(row, 0));
    noted.push_back(rows->timestamp(row, 1));
  }
  if (hours.empty()) return false;
  for (std::size_t begin = 0; begin < hours.size();) {
    std::size_t end = begin + 1;  // as long as one hour follows the other
    while (end < hours.size() && hours[end] - hours[end - 1] == std::chrono::hours(1)) ++end;
    auto done = refresh(connection, layout, hours[begin], hours[end - 1] + std::chrono::hours(1));
    if (!done) return std::unexpected(std::move(done).error());
    begin = end;
  }
  postgres::Parameters done;
  done.timestamps(hours);
  done.timestamps(noted);
  if (auto forgotten = connection.run(std::string(kForget), done); !forgotten) {
    return std::unexpected(std::move(forgotten).error());
  }
  return true;
}

}  // namespace temperature::mirror
