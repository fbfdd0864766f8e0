#pragma once

#include <cstdint>

namespace temperature {

// How what senders write becomes names, units and values. A data folder has its rules for life, unless its operator
// switches it to the current ones, so that a series is never split in two by a new version of the program.
enum class ReadingRules : std::uint8_t {
  former,   // of folders that were made before there were others
  current,  // names are normalised, line protocol's units are read, and all tags that identify name the sensor
};

}  // namespace temperature
