#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

// How much a test does that tries the same thing at many places.
namespace temperature::testing {

// TSan makes everything some ten times slower. What it looks for, threads that meet, shows at a part of the places and
// with a part of the data.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TEMPERATURE_UNDER_TSAN true
#endif
#endif
#ifndef TEMPERATURE_UNDER_TSAN
#define TEMPERATURE_UNDER_TSAN false
#endif
inline constexpr bool kUnderTsan = TEMPERATURE_UNDER_TSAN;

// The power is cut, or a file damaged, at the first place and at every third one behind it; POWER_CUT_STRIDE says at
// every which instead (1: at all of them). Positive.
inline std::uint64_t power_cut_stride() {
  const char* given = std::getenv("POWER_CUT_STRIDE");
  return given == nullptr ? 3 : static_cast<std::uint64_t>(std::max(1, std::atoi(given)));
}

}  // namespace temperature::testing
