#pragma once

#include <cstdint>

namespace temperature::telemetry {

// Lines of a level below that of the log are left out.
enum class LogLevel : std::uint8_t { debug, info, warning, error };

}  // namespace temperature::telemetry
