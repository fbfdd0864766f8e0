#pragma once

#include <string_view>

namespace temperature {

// How the files in a data folder begin that a process left which crashed (docs/formats/crash.md). They are of that
// folder and of that process: no backup has them.
inline constexpr std::string_view kCrashFile = "CRASH";

}  // namespace temperature
