#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/chance.h"

namespace temperature::client {

// What the sensors of a simulation can measure.
enum class SimulatedQuantity : std::uint8_t { temperature, humidity, co2, pressure };

std::string_view name(SimulatedQuantity quantity);
std::optional<SimulatedQuantity> simulated_quantity(std::string_view name);

// What is wrong with a sensor, some of the time.
enum class Fault : std::uint8_t {
  none,
  stuck,    // an hour of one value
  spikes,   // single values far off
  silent,   // ten minutes of nothing
  repeats,  // sends a reading again, later
};

struct SimulatedReading {
  std::uint32_t sensor = 0;  // within its room, from 0
  SimulatedQuantity quantity = SimulatedQuantity::temperature;
  Timestamp timestamp;
  double value = 0;  // one or two decimals, in the quantity's unit
};

struct HouseOptions {
  std::uint32_t rooms = 20;
  std::uint32_t sensors_per_room = 10;
  Duration interval = std::chrono::seconds(1);
  std::uint64_t seed = 1;
  std::vector<SimulatedQuantity> quantities{SimulatedQuantity::temperature};
};

// Rooms full of sensors: every room has its own day, every sensor its own offset, drift, noise and resolution,
// one in twenty a fault. Pure: what a sensor reads at a moment follows from the seed, the room, the sensor and the
// moment alone, so that a run that starts later, or again, agrees with the one before.
class SimulatedHouse {
 public:
  explicit SimulatedHouse(HouseOptions options) : options_(std::move(options)), chance_(options_.seed) {}

  [[nodiscard]] const HouseOptions& options() const { return options_; }

  // Appends what the sensors of `room` send at `tick`: one tick an interval, tick 0 at 1970. Timestamps are at
  // most jitter_max() behind the tick's own moment, but for readings that are sent again.
  void readings(std::uint32_t room, std::int64_t tick, std::vector<SimulatedReading>& out) const;

  [[nodiscard]] Timestamp moment(std::int64_t tick) const {
    return timestamp_from_ms(tick * options_.interval.count());
  }
  [[nodiscard]] Duration jitter_max() const { return options_.interval / 5; }
  [[nodiscard]] Fault fault(std::uint32_t room, std::uint32_t sensor) const;

  static std::string room_name(std::uint32_t room);
  static std::string sensor_name(std::uint32_t room, std::uint32_t sensor);

 private:
  [[nodiscard]] Timestamp timestamp(const Chance& sensor, std::int64_t tick) const;
  [[nodiscard]] double value(const Chance& room, const Chance& sensor, Fault fault, SimulatedQuantity quantity,
                             Timestamp moment) const;

  HouseOptions options_;
  Chance chance_;
};

}  // namespace temperature::client
