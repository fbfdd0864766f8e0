#pragma once

#include <cstddef>

// How large a batch of readings may be, and how much is said about it.
namespace temperature::limits {

// Readings in one request; a request with more is refused (too_many_readings).
inline constexpr std::size_t kReadingsPerBatchMax = 1'000'000;
// Rejected and conflicting readings, of each, that an answer names; more are only counted.
inline constexpr std::size_t kDetailsListedMax = 100;

}  // namespace temperature::limits
