#pragma once

#include <cstddef>

// The units of sizes that the bounds are written in.
namespace temperature::limits {

// One kibibyte, in bytes.
inline constexpr std::size_t kKiB = 1024;
// One mebibyte, in bytes.
inline constexpr std::size_t kMiB = 1024 * kKiB;

}  // namespace temperature::limits
