#include "client/mirror_adoption.h"

#include <cmath>
#include <cstdint>
#include <string_view>

#include "client/mirror_orders.h"
#include "client/original_table.h"
#include "postgres/connection.h"
#include "postgres/copy_rows.h"
#include "postgres/failure.h"

namespace temperature::client {
namespace {

// In order of time, so that what is new to the service is not late.
constexpr const char* kAllReadings =
    "COPY (SELECT building, room, sensor, quantity, coalesce(unit, ''), time, value "
    "FROM temperature_service.readings JOIN temperature_service.series ON series.id = readings.series "
    "LEFT JOIN temperature_service.units USING (quantity) ORDER BY time) TO STDOUT (FORMAT binary)";

bool send(Run& run, std::string_view row, std::uint64_t number) {
  postgres::CopiedRow columns(row);
  OutgoingReading reading;
  reading.building = columns.bytes();
  reading.room = columns.bytes();
  reading.sensor = columns.bytes();
  reading.quantity = columns.bytes();
  reading.unit = columns.bytes();
  reading.timestamp = columns.timestamp();
  reading.value = columns.float8();
  if (columns.ok() && std::isfinite(reading.value)) return run.add(reading, number);
  run.reject(number, "the row is not a reading");
  return true;
}

}  // namespace

int adopt_mirror(const postgres::Url& url, const Destination& destination, const Surroundings& surroundings) {
  auto connection = postgres::Connection::open(
      url, {.stop_asked = [&surroundings] { return surroundings.pause.interrupted(); }, .purpose = "adopt"});
  if (!connection) {
    return report(surroundings, postgres::as_error("cannot connect to " + url.shown(), connection.error()));
  }
  auto run = Run::begin(destination, "row", surroundings);
  if (!run) return report(surroundings, run.error());
  std::uint64_t number = 0;
  bool wanted = true;
  const auto copied = (*connection)->copy_out(kAllReadings, [&](std::string_view row) {
    wanted = send(**run, row, ++number);
    return wanted;
  });
  const auto finished = (*run)->finish();
  if (!finished) return report(surroundings, finished.error());
  if (!copied && wanted) return report(surroundings, postgres::as_error("cannot read the database", copied.error()));
  if (!wanted) return report(surroundings, Error{ErrorCode::startup, "interrupted; repeating is safe"});
  if ((*run)->not_stored() > 0) return report_not_stored(surroundings, "the database", (*run)->not_stored());
  return replace_mirror(destination.target, surroundings);
}

}  // namespace temperature::client
