#pragma once

#include "client/run.h"
#include "client/simulated_house.h"

namespace temperature::client {

struct SimulateOptions {
  Destination destination;
  HouseOptions house;
  Duration from{0};      // how far in the past it begins
  Duration duration{0};  // how long it goes on live; 0: until it is interrupted
  bool live = true;      // false: all at once, for `from` + `duration` up to now
};

// Sends what the sensors of a simulated house read: the past as fast as it goes, then live, at the pace
// of the clock. Returns the exit code: 0 when it came to its end or was interrupted, 1 when the service failed.
int simulate(const SimulateOptions& options, const Surroundings& surroundings);

}  // namespace temperature::client
