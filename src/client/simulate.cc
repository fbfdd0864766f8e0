#include "client/simulate.h"

#include <optional>

#include "base/check.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

// The ticks of a run: the first, and the one behind the last.
struct Ticks {
  std::int64_t first = 0;
  std::optional<std::int64_t> end;
};

std::int64_t first_tick_from(Timestamp moment, Duration interval) {
  const std::int64_t ms = to_ms(moment);
  return ms / interval.count() + (ms % interval.count() > 0 ? 1 : 0);
}

Ticks ticks_of(const SimulateOptions& options, Timestamp now) {
  const Duration interval = options.house.interval;
  const Timestamp start = now - options.from - (options.live ? Duration(0) : options.duration);
  Ticks ticks{first_tick_from(start, interval), std::nullopt};
  // Jittered timestamps of the past end before now as well.
  if (!options.live) ticks.end = first_tick_from(now - interval / 5, interval);
  if (options.live && options.duration > Duration(0)) ticks.end = first_tick_from(now + options.duration, interval);
  return ticks;
}

class Names {
 public:
  explicit Names(const HouseOptions& house) {
    for (std::uint32_t room = 0; room < house.rooms; ++room) {
      rooms_.push_back(SimulatedHouse::room_name(room));
      for (std::uint32_t sensor = 0; sensor < house.sensors_per_room; ++sensor) {
        sensors_.push_back(SimulatedHouse::sensor_name(room, sensor));
      }
    }
    sensors_per_room_ = house.sensors_per_room;
  }

  [[nodiscard]] const std::string& room(std::uint32_t room) const { return rooms_[room]; }
  [[nodiscard]] const std::string& sensor(std::uint32_t room, std::uint32_t sensor) const {
    return sensors_[std::size_t{room} * sensors_per_room_ + sensor];
  }

 private:
  std::size_t sensors_per_room_ = 0;
  std::vector<std::string> rooms_;
  std::vector<std::string> sensors_;
};

// Sends tick by tick until the last, or until the run is to end. `tick` is the one at hand.
void send(const SimulatedHouse& house, const Ticks& ticks, std::int64_t& tick, Run& run) {
  const Names names(house.options());
  std::uint64_t number = 0;
  std::vector<SimulatedReading> readings;
  for (tick = ticks.first; !ticks.end || tick < *ticks.end; ++tick) {
    // No reading leaves before its time. In the past this waits for nothing.
    if (!run.wait_until(house.moment(tick) + house.jitter_max())) return;
    for (std::uint32_t room = 0; room < house.options().rooms; ++room) {
      readings.clear();
      house.readings(room, tick, readings);
      for (const auto& [sensor, quantity, timestamp, value] : readings) {
        const OutgoingReading reading{.building = {},
                                      .room = names.room(room),
                                      .sensor = names.sensor(room, sensor),
                                      .quantity = name(quantity),
                                      .unit = {},
                                      .timestamp = timestamp,
                                      .value = value};
        if (!run.add(reading, ++number)) return;
      }
    }
  }
}

}  // namespace

int simulate(const SimulateOptions& options, const Surroundings& surroundings) {
  CHECK(options.house.interval >= kSimulatedIntervalMin);
  const Ticks ticks = ticks_of(options, surroundings.clock.now());
  auto run = Run::begin(options.destination, "reading", surroundings);
  if (!run) return report(surroundings, run.error());
  std::int64_t tick = ticks.first;
  if (ticks.end && *ticks.end > ticks.first) {
    (*run)->measure_by([&ticks, &tick]() -> std::optional<double> {
      return static_cast<double>(tick - ticks.first) / static_cast<double>(*ticks.end - ticks.first);
    });
  }
  send(SimulatedHouse(options.house), ticks, tick, **run);
  const auto finished = (*run)->finish();
  if (!finished) return report(surroundings, finished.error());
  return report_not_stored(surroundings, "the simulation", (*run)->rejected());
}

}  // namespace temperature::client
