#pragma once

#include <cstddef>

// How much is kept of what was refused.
namespace temperature::limits {

// Bytes kept of a refused line or reading as it was sent; the rest is cut off.
inline constexpr std::size_t kRejectTextBytesMax = 256;

}  // namespace temperature::limits
