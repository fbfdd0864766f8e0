#pragma once

#include "base/time.h"

// Between which moments a reading may lie.
namespace temperature::limits {

// The first moment that a reading may have, 2000-01-01 in UTC; an earlier one is refused (timestamp_too_old).
inline constexpr Timestamp kTimestampFirst = timestamp_from_ms(946'684'800'000);
// The last moment that a question may name, 2100-01-01 in UTC; a later one is refused (parameter_invalid).
inline constexpr Timestamp kTimestampLast = timestamp_from_ms(4'102'444'800'000);

}  // namespace temperature::limits
