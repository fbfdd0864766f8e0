#include "client/simulated_house.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace temperature::client {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::uint64_t kSensorsPerFault = 20;

constexpr std::array<std::string_view, 4> kNames{"temperature", "humidity", "co2", "pressure"};

// How a quantity goes through the day. "From .. over" are a room's own numbers: from + share * over.
struct Character {
  double level_from, level_over;          // the day's middle
  double swing_from, swing_over;          // half of the way from the lowest to the highest
  double peak_hour_from, peak_hour_over;  // UTC
  double wander;                          // how far hours differ from the curve
  double offset;                          // of one sensor from another, and as much drift in ten days
  double noise;
  double spike;
  double lowest, highest;
};

constexpr std::array<Character, 4> kCharacters{{
    {17, 6, 1, 2.5, 14, 3, 0.4, 0.3, 0.05, 15, -40, 57.9},      // temperature, degrees Celsius
    {40, 15, 3, 5, 4, 3, 3, 1.5, 0.3, 40, 0, 100},              // humidity, per cent
    {600, 200, 80, 100, 12, 3, 60, 25, 8, 3'000, 380, 10'000},  // co2, ppm
    {1'008, 8, 0.5, 0.5, 9, 2, 6, 0.4, 0.05, 50, 870, 1'085},   // pressure, hPa
}};

// What chance is asked about. The numbers are part of what a seed means.
enum Trait : std::uint8_t { kLevel = 1, kSwing, kPeak, kWander, kOffset, kDrift, kNoise, kJitter, kDigits, kFaults };

// Rooms, sensors and traits do not share their chance.
constexpr std::uint64_t kRooms = 0x1'0000'0000;
constexpr std::uint64_t kSensors = 0x2'0000'0000;

double share_of_day(Timestamp moment) {
  const std::int64_t ms = ((to_ms(moment) % kDayMs) + kDayMs) % kDayMs;
  return static_cast<double>(ms) / static_cast<double>(kDayMs);
}

std::uint64_t span_at(Timestamp moment, std::int64_t span_ms) {
  return static_cast<std::uint64_t>(to_ms(moment) / span_ms);
}

// The room itself, before any sensor looks at it.
double room_value(const Chance& room, const Character& character, Timestamp moment) {
  const double level = character.level_from + room.of(kLevel).share() * character.level_over;
  const double swing = character.swing_from + room.of(kSwing).share() * character.swing_over;
  const double peak = (character.peak_hour_from + room.of(kPeak).share() * character.peak_hour_over) / 24;
  return level + swing * std::cos(2 * std::numbers::pi * (share_of_day(moment) - peak)) +
         character.wander * room.of(kWander).wander(to_ms(moment), 3 * kHourMs);
}

}  // namespace

std::string_view name(SimulatedQuantity quantity) {
  return kNames[static_cast<std::size_t>(quantity)];
}

std::optional<SimulatedQuantity> simulated_quantity(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<SimulatedQuantity>(found - kNames.begin());
}

std::string SimulatedHouse::room_name(std::uint32_t room) {
  return fmt::format("room-{:03}", room + 1);
}

std::string SimulatedHouse::sensor_name(std::uint32_t room, std::uint32_t sensor) {
  return fmt::format("room-{:03}-sensor-{:02}", room + 1, sensor + 1);
}

// Every twentieth sensor has a fault, each kind in turn; the seed says where that begins.
Fault SimulatedHouse::fault(std::uint32_t room, std::uint32_t sensor) const {
  const std::uint64_t number =
      std::uint64_t{room} * options_.sensors_per_room + sensor + chance_.of(kFaults).bits() % 80;
  if (number % kSensorsPerFault != 0) return Fault::none;
  return static_cast<Fault>(1 + number / kSensorsPerFault % 4);
}

Timestamp SimulatedHouse::timestamp(const Chance& sensor, std::int64_t tick) const {
  const double jitter = sensor.of(kJitter).of(static_cast<std::uint64_t>(tick)).share();
  return moment(tick) + Duration(static_cast<std::int64_t>(jitter * static_cast<double>(jitter_max().count())));
}

double SimulatedHouse::value(const Chance& room, const Chance& sensor, Fault fault, SimulatedQuantity quantity,
                             Timestamp moment) const {
  const auto number = static_cast<std::uint64_t>(quantity);
  const Character& character = kCharacters[number];
  const Chance mine = sensor.of(number);
  const Chance at_hour = mine.of(kFaults).of(span_at(moment, kHourMs));
  if (fault == Fault::stuck && at_hour.one_in(3)) moment = std::chrono::floor<std::chrono::hours>(moment);
  const Chance now = mine.of(kNoise).of(static_cast<std::uint64_t>(to_ms(moment)));
  double value = room_value(room.of(number), character, moment) +
                 character.offset * (mine.of(kOffset).share() * 2 - 1) +
                 character.offset * mine.of(kDrift).wander(to_ms(moment), 10 * kDayMs) + character.noise * now.normal();
  if (fault == Fault::spikes && now.of(kFaults).one_in(50)) {
    value += now.of(kFaults).of(1).one_in(2) ? character.spike : -character.spike;
  }
  const double steps = sensor.of(kDigits).one_in(4) ? 10 : 100;
  return std::round(std::clamp(value, character.lowest, character.highest) * steps) / steps;
}

void SimulatedHouse::readings(std::uint32_t room, std::int64_t tick, std::vector<SimulatedReading>& out) const {
  const Chance here = chance_.of(kRooms + room);
  for (std::uint32_t sensor = 0; sensor < options_.sensors_per_room; ++sensor) {
    const Chance mine = here.of(kSensors + sensor);
    const Fault fault = this->fault(room, sensor);
    const auto send = [&](std::int64_t of_tick) {
      const Timestamp at = timestamp(mine, of_tick);
      for (const SimulatedQuantity quantity : options_.quantities) {
        out.push_back({sensor, quantity, at, value(here, mine, fault, quantity, at)});
      }
    };
    const Chance faults = mine.of(kFaults);
    if (fault == Fault::silent && faults.of(span_at(moment(tick), 10 * kMinuteMs)).one_in(4)) continue;
    if (fault == Fault::repeats && faults.of(static_cast<std::uint64_t>(tick - 1)).one_in(10)) send(tick - 1);
    send(tick);
  }
}

}  // namespace temperature::client
