#pragma once

#include <chrono>
#include <cstddef>

#include "base/sizes.h"
#include "base/time.h"

// Every bound of the programs that send readings.
namespace temperature::client {

// Bytes of one record of a file; a longer one is an error.
inline constexpr std::size_t kRecordBytesMax = 64 * limits::kKiB;
// Bytes that are read from a file at once.
inline constexpr std::size_t kReadBytes = 64 * limits::kKiB;

// Series of a file, and hours in them that come twice, whose rows' order is followed; a file with more is refused.
inline constexpr std::size_t kRepeatedHoursMax = 1'000'000;
// Sensors that one file registers; a file with more is refused.
inline constexpr std::size_t kListedSensorsMax = 1'000'000;

// Readings of one request; a batch is full at whichever bound it meets first.
inline constexpr std::size_t kBatchReadingsMax = 100'000;
// Bytes of one request's body; a batch is full at whichever bound it meets first.
inline constexpr std::size_t kBatchBytesMax = 8 * limits::kMiB;
// Connections at once; a larger --connections is refused.
inline constexpr std::size_t kConnectionsMax = 64;
// Batches that wait for each connection; then reading waits too.
inline constexpr std::size_t kBatchesWaitingPerConnection = 2;
// Bytes of one answer of the service; a longer one fails the request.
inline constexpr std::size_t kAnswerBytesMax = 4 * limits::kMiB;
// Bytes of a file with a public key; a larger one is refused.
inline constexpr std::size_t kPublicKeyBytesMax = 64 * limits::kKiB;
// Bytes of the file that --ca-file names; a larger one is refused.
inline constexpr std::size_t kCaFileBytesMax = 16 * limits::kMiB;
// Bytes of one answer's headers; a longer one fails the request.
inline constexpr std::size_t kAnswerHeaderBytesMax = 64 * limits::kKiB;
// Bytes of what an answer says in words that are shown.
inline constexpr std::size_t kShownBytesMax = 2'000;
// Rows of a list, all pages together; a longer one is refused.
inline constexpr std::size_t kListedRowsMax = 10'000'000;
// Bytes of the cursor of a list's next page; a longer one is refused.
inline constexpr std::size_t kCursorBytesMax = 16 * limits::kKiB;
// Pages of a list without a row, one after the other; more are refused.
inline constexpr std::size_t kEmptyPagesMax = 1'000;
// Bytes a second that an answer which is a stream must have, over the time in which a request must be answered; a
// slower one has failed.
inline constexpr long kStreamBytesPerSecondMin = 64;
// Seconds in which a connection must be made; then the try has failed.
inline constexpr std::chrono::seconds kConnectTimeout{10};
// Seconds in which a request must be answered when --timeout is not given; then the try has failed.
inline constexpr std::chrono::seconds kRequestTimeout{120};
// Seconds of the longest --timeout and --retry-for.
inline constexpr std::chrono::seconds kTimeoutMax{86'400};

// Milliseconds between the first try of a request and the second, at most; each further wait may be twice as long.
inline constexpr Duration kBackoffFirst{100};
// Seconds between two tries of a request, at most.
inline constexpr Duration kBackoffMax = std::chrono::seconds(10);
// Minutes of waiting between the tries of one request, together, while a service that answered before does not, when
// --retry-for is not given; then it has failed. A try that timed out, but for the first, counts as waiting.
inline constexpr Duration kSilenceMax = std::chrono::minutes(1);
// Seconds of the same for a service that has not answered yet, when --retry-for is not given; here the first try counts
// too.
inline constexpr Duration kReachMax = std::chrono::seconds(10);
// The second of waiting for a service after which it is said.
inline constexpr Duration kWaitSaidAfter = std::chrono::seconds(1);
// Seconds for which a port is asked whether it speaks the other of http and https.
inline constexpr std::chrono::seconds kProbeTimeout{2};
// Minutes of waiting between the tries of one request, together, where the service names the time in Retry-After; then
// the request has failed.
inline constexpr Duration kRetryAfterMax = std::chrono::minutes(5);

// Readings that did not go in, of each kind, that a summary names; more are only counted.
inline constexpr std::size_t kDetailsKept = 20;

// The seconds of a slice that a long wait is cut into, so that progress shows.
inline constexpr Duration kPauseSliceMax = std::chrono::seconds(1);

// The slowest replay, in times of real time; a slower --speed is refused.
inline constexpr double kSpeedMin = 0.001;
// The fastest replay, in times of real time; a faster --speed is refused.
inline constexpr double kSpeedMax = 1e9;

// Milliseconds of a step; readings that fall due within one leave together.
inline constexpr Duration kPacingStep{20};

// Rooms of a simulation; more are refused.
inline constexpr std::size_t kSimulatedRoomsMax = 1'000'000;
// Sensors of a simulation, of all rooms together; more are refused.
inline constexpr std::size_t kSimulatedSensorsMax = 2'000'000;
// Milliseconds between two readings of a simulated sensor, at least; a shorter --interval is refused.
inline constexpr Duration kSimulatedIntervalMin{10};

}  // namespace temperature::client
