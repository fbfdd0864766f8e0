#pragma once

#include <cstdint>

#include "base/strong.h"

namespace temperature {

// A series: (building, room, sensor, quantity). Dense from 0 in order of first sight; never reused.
using SeriesId = Strong<struct SeriesIdTag, std::uint32_t>;

// A rolling window: (building, room, quantity). Dense from 0. One window holds the readings of all
// its room's sensors for one quantity.
using WindowId = Strong<struct WindowIdTag, std::uint32_t>;

// A series' ordinal within its window, dense from 0 (below limits::kSensorsPerRoomMax).
using Slot = Strong<struct SlotTag, std::uint16_t>;

// A record's place in the journal: dense from 1; 0 stands for "before the first record".
using Position = Strong<struct PositionTag, std::uint64_t>;

constexpr Position next(Position position) {
  return Position(position.value() + 1);
}

}  // namespace temperature
