#pragma once

#include <string_view>

#include "base/time.h"

namespace temperature::client {

// A reading on its way to the service. Views: the bytes belong to whoever made it.
struct OutgoingReading {
  std::string_view building;  // empty: the service's default
  std::string_view room;
  std::string_view sensor;
  std::string_view quantity;  // empty: temperature
  std::string_view unit;      // empty: the quantity's own
  Timestamp timestamp;
  double value = 0;  // finite
};

}  // namespace temperature::client
