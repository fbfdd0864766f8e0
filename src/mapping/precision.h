#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/epoch.h"

namespace temperature::mapping {

// The unit of a line's timestamp.
using Precision = EpochUnit;

// "n", "ns", "u", "us", "ms", "s", "m", "h", "µ", "µs", "auto", and the units in full ("millisecond", "milliseconds");
// nullopt for anything else.
std::optional<Precision> precision_of(std::string_view text);
inline constexpr std::string_view kPrecisionNames =
    "ns, us, ms, s, m, h, auto, or in full nanosecond, microsecond, millisecond, second, minute, hour";

}  // namespace temperature::mapping
