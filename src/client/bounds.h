#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.h"

// Every bound of the programs that send readings. The service's own are in base/limits.h.
namespace temperature::client {

// Files.
inline constexpr std::size_t kRecordBytesMax = 64 * limits::kKiB;  // one CSV record
inline constexpr std::size_t kReadBytes = 64 * limits::kKiB;       // read from a file at once

// Requests. A batch is full at whichever bound it meets first.
inline constexpr std::size_t kBatchReadingsMax = 100'000;
inline constexpr std::size_t kBatchBytesMax = 8 * limits::kMiB;
inline constexpr std::size_t kConnectionsMax = 64;
inline constexpr std::size_t kBatchesWaitingPerConnection = 2;
inline constexpr std::size_t kAnswerBytesMax = 4 * limits::kMiB;
inline constexpr std::chrono::seconds kConnectTimeout{10};
inline constexpr std::chrono::seconds kRequestTimeout{120};

// The waits between the tries of one request. They end when together they would be longer than the last two: where the
// service says nothing, and where it names the time in Retry-After.
inline constexpr Duration kBackoffFirst{100};
inline constexpr Duration kBackoffMax = std::chrono::seconds(10);
inline constexpr Duration kSilenceMax = std::chrono::minutes(1);
inline constexpr Duration kRetryAfterMax = std::chrono::minutes(5);

// What a summary names of the readings that did not go in, of each kind.
inline constexpr std::size_t kDetailsKept = 20;

// Waits are cut into slices, so that progress shows in long ones.
inline constexpr Duration kPauseSliceMax = std::chrono::seconds(1);

// Replays, in times of real time.
inline constexpr double kSpeedMin = 0.001;
inline constexpr double kSpeedMax = 1e9;

// Readings that fall due within one step leave together.
inline constexpr Duration kPacingStep{20};

// Simulations.
inline constexpr std::size_t kSimulatedRoomsMax = 1'000'000;
inline constexpr std::size_t kSimulatedSensorsMax = 2'000'000;
inline constexpr Duration kSimulatedIntervalMin{10};

}  // namespace temperature::client
