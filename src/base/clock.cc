#include "base/clock.h"

#include <fmt/format.h>

#include "base/timestamp_limits.h"

namespace temperature {

Result<void> check_clock(Timestamp now) {
  if (now >= limits::kTimestampFirst && now < limits::kTimestampLast) return {};
  return failure(ErrorCode::clock_not_set,
                 fmt::format("the server's clock is not set: it says {}; set it (NTP does), and this works again",
                             format_timestamp(now)));
}

}  // namespace temperature
