#pragma once

#include <array>
#include <cstdint>

namespace temperature::ingest {

// Powers of ten that a double holds exactly. A whole number up to kExactMantissaMax times or over one of them is
// rounded once, so it is the double next to the decimal number (W. Clinger: "How to read floating point numbers
// accurately", 1990).
inline constexpr std::array kExactPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr std::uint64_t kExactMantissaMax = std::uint64_t{1} << 53U;

}  // namespace temperature::ingest
