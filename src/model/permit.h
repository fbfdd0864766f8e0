#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/reading.h"

namespace temperature {

// What a sender may write. What is empty allows everything of its kind.
struct Permit {
  std::string sensor = {};                   // its readings alone
  std::vector<std::string> buildings = {};   // readings of these alone
  std::string room = {};                     // of this one alone
  std::vector<std::string> quantities = {};  // of these alone
  std::uint32_t series_max = 0;              // series that the sensor may have; 0: any number

  // Whether there is a reading that it does not allow.
  [[nodiscard]] bool restricts() const {
    return !sensor.empty() || !buildings.empty() || !room.empty() || !quantities.empty();
  }

  // Errors forbidden_sensor, forbidden_building, forbidden_room, forbidden_quantity: name what is allowed.
  [[nodiscard]] Result<void> check(const SeriesKey& key) const;

  // Error forbidden_building.
  [[nodiscard]] Result<void> check_building(std::string_view building) const;

  bool operator==(const Permit&) const = default;
};

}  // namespace temperature
