#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "base/error.h"
#include "base/time.h"
#include "client/http_client.h"
#include "client/pause.h"
#include "postgres/connection.h"

namespace temperature::client {

// A quantity of a room.
struct TalliedRoom {
  std::string building;
  std::string room;
  std::string quantity;

  auto operator<=>(const TalliedRoom&) const = default;
};

__extension__ using Uint128 = unsigned __int128;  // GCC and Clang have it; the standard does not

// What is known of some readings to tell whether others are the same, whatever their order: how many, and the sum,
// modulo 2^128, of (2 b + 1) t, b being the bits of each one's value as a signed number and t its time in milliseconds
// since 1970. Two readings that change their values, or a value of 0 at another time, make another sum.
struct Tally {
  std::uint64_t count = 0;
  Uint128 sum = 0;

  void add(Timestamp time, double value);
  bool operator==(const Tally&) const = default;
};

// A sensor's day in UTC, counted from 1970-01-01.
struct SensorDay {
  std::int32_t day = 0;
  std::string sensor;

  auto operator<=>(const SensorDay&) const = default;
};

struct Tallies {
  std::map<SensorDay, Tally> days;
  Timestamp newest = kTimestampMin;  // of them all
};

// Which readings: those with from <= time < to.
struct TallySpan {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
};

// The day of a moment, and its first one.
std::int32_t day_of(Timestamp time);
Timestamp beginning_of(std::int32_t day);

// What a service has of a room's quantity; none of one that it does not know. A stream that breaks is begun anew.
Result<Tallies> tallies_of_service(HttpClient& client, Pause& pause, const TalliedRoom& room, const TallySpan& span);

// The same of the mirror's database, in temperature_service.readings. `newest` is not looked for.
Result<Tallies> tallies_of_database(postgres::Connection& connection, const TalliedRoom& room, const TallySpan& span);

}  // namespace temperature::client
