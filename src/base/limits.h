#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

// Every bound of the program. Each has a test at it.
namespace temperature::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// Names (building, room, sensor, quantity, unit), in bytes of UTF-8.
inline constexpr std::size_t kNameBytesMax = 128;
inline constexpr std::size_t kUnitBytesMax = 32;

// Readings.
inline constexpr std::size_t kReadingsPerBatchMax = 1'000'000;
inline constexpr std::size_t kSensorsPerRoomMax = 65'535;
inline constexpr std::size_t kQuantitiesMax = 4'096;
inline constexpr Timestamp kTimestampFirst = timestamp_from_ms(946'684'800'000);   // 2000-01-01
inline constexpr Timestamp kTimestampLast = timestamp_from_ms(4'102'444'800'000);  // 2100-01-01
inline constexpr std::size_t kDetailsListedMax = 100;  // rejected and conflicting readings named in an answer

// Memory of writes that are over, kept for those to come.
inline constexpr std::size_t kPendingWritesKept = 256;
inline constexpr std::size_t kPendingWriteBytesKept = 256 * kKiB;  // of each; some 5,000 readings

// HTTP.
inline constexpr std::size_t kHeaderBytesMax = 16 * kKiB;
inline constexpr std::size_t kBodyBytesMax = 32 * kMiB;           // as sent
inline constexpr std::size_t kBodyInflatedBytesMax = 128 * kMiB;  // after gzip
inline constexpr std::size_t kConnectionsMax = 16'384;
inline constexpr std::size_t kBodiesBytesMax = 512 * kMiB;  // of all requests in flight
inline constexpr std::size_t kPageReadingsMax = 10'000;
inline constexpr std::size_t kPageRoomsMax = 1'000;
inline constexpr std::chrono::seconds kHeaderTimeout{10};
inline constexpr std::chrono::seconds kBodyTimeout{60};
inline constexpr std::chrono::seconds kIdleTimeout{75};
inline constexpr std::chrono::seconds kWriteTimeout{60};
inline constexpr std::chrono::seconds kShutdownTimeout{10};
inline constexpr int kJsonDepthMax = 32;

// Averages.
inline constexpr Duration kWindowDefault = std::chrono::minutes(15);
inline constexpr Duration kWindowMin = std::chrono::seconds(1);
inline constexpr Duration kWindowMax = std::chrono::hours(24 * 366 * 100);

// Journal.
inline constexpr std::size_t kGroupBytesMax = 8 * kMiB;  // one commit group, unless one batch is larger
inline constexpr std::size_t kGroupBatchesMax = 4'096;
inline constexpr std::size_t kGroupWaitBytesMax = 8 * kKiB;   // a larger group waits for nobody
inline constexpr std::chrono::milliseconds kGroupWaitMax{1};  // for those that were answered last
inline constexpr std::size_t kQueueBytesMax = 256 * kMiB;     // batches that wait for the journal
inline constexpr std::size_t kSenderBytesMax = 128;

// Window and history.
inline constexpr Duration kWindowSpan = std::chrono::minutes(20);  // kept in memory behind a room's newest reading
inline constexpr std::size_t kLeafReadingsMin = 128;
inline constexpr std::size_t kLeafReadingsMax = 8'192;
inline constexpr std::size_t kUnflushedReadingsMin = 1'000'000;  // a flush begins when so many wait
inline constexpr std::size_t kUnflushedReadingsMax = 16'000'000;
inline constexpr std::size_t kUnflushedPerSeries = 8;
inline constexpr std::size_t kUnflushedRefuse = 64'000'000;  // more than this: writes get 503
inline constexpr std::size_t kBlockReadingsMax = 4'096;
inline constexpr std::chrono::seconds kFlushRetry{5};                  // after a flush that failed
inline constexpr Duration kRecoveredActivity = std::chrono::hours(1);  // rooms silent for longer start empty

}  // namespace temperature::limits
