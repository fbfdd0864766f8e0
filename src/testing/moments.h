#pragma once

#include "base/time.h"

namespace temperature::testing {

// A moment that tests call now: 2023-11-14T22:13:20Z.
inline constexpr Timestamp kNow = timestamp_from_ms(1'700'000'000'000);

// 2023-11-19T00:00:00Z: the number of its day is a multiple of 32, so days and volumes of every span begin here.
inline constexpr Timestamp kMidnight = Timestamp(std::chrono::days(19'680));

}  // namespace temperature::testing
