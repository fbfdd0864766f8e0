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
inline constexpr std::size_t kDetailsListedMax = 100;      // rejected and conflicting readings named in an answer
inline constexpr std::size_t kLineTagsMax = 1'024;         // of a line of line protocol
inline constexpr std::size_t kLineSeriesKept = 131'072;    // of each HTTP thread: series of lines whose names are known
inline constexpr std::size_t kLineSeriesBytesMax = 1'024;  // a longer one is looked at anew each time
inline constexpr std::size_t kLineFieldsKept = 256;        // of each such series
inline constexpr std::size_t kDatabasesMax = 100;          // that InfluxDB's clients create
inline constexpr std::size_t kDeviceMapBytesMax = 64 * kMiB;

inline constexpr std::size_t kRejectsKept = 1'000;       // refused lines and readings that can be looked at
inline constexpr std::size_t kRejectTextBytesMax = 256;  // of each
inline constexpr std::size_t kRejectDetailBytesMax = 1'024;
inline constexpr std::chrono::seconds kRejectLogged{30};  // between two that the log names

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

// Questions.
inline constexpr std::size_t kHistoryBucketsMax = 10'000;  // a page
inline constexpr std::size_t kHistoryRoomsMax = 50;        // a question
inline constexpr Duration kHistoryStepMin = Duration(1);
inline constexpr std::size_t kHistoryFoldedMax = 16'384;      // buckets worked out at once
inline constexpr std::uint64_t kHistoryWorkMax = 20'000'000;  // readings decoded for a page, or what takes as long
inline constexpr std::uint64_t kDeviationReadingsMax = 200'000'000;  // of one bucket whose stddev is asked for
inline constexpr std::size_t kReadAtOnce = 131'072;  // readings of one series, or for a piece of a stream
inline constexpr std::size_t kReaderThreads = 2;
inline constexpr std::size_t kReadersQueueMax = 256;  // questions that wait for them

// Journal.
inline constexpr std::size_t kGroupBytesMax = 8 * kMiB;  // one commit group, unless one batch is larger
inline constexpr std::size_t kGroupBatchesMax = 4'096;
inline constexpr std::size_t kGroupWaitBytesMax = 8 * kKiB;   // a larger group waits for nobody
inline constexpr std::chrono::milliseconds kGroupWaitMax{1};  // for those that were answered last
inline constexpr std::size_t kQueueBytesMax = 256 * kMiB;     // batches that wait for the journal
inline constexpr std::size_t kSenderBytesMax = 128;

// Credentials.
inline constexpr std::size_t kAuthorizationBytesMax = 4 * kKiB;
inline constexpr std::size_t kKeysPerSensorMax = 2;  // so that a key is replaced without a gap
inline constexpr std::size_t kKidBytesMax = 128;
inline constexpr std::size_t kPublicKeyBytesMax = 4 * kKiB;  // as PEM or JWK
inline constexpr std::size_t kScopeNamesMax = 64;            // buildings of a key, quantities of a sensor
inline constexpr std::size_t kRegistrationBytesMax = 64 * kKiB;
inline constexpr std::size_t kPageRegisteredMax = 1'000;
inline constexpr std::chrono::hours kTokenLifetimeMax{24};
inline constexpr std::chrono::seconds kTokenClockSkew{60};
inline constexpr std::size_t kRememberedTokensMax = 524'288;  // verified ones
inline constexpr std::size_t kRememberedRefusalsMax = 8'192;  // tokens with a wrong signature
inline constexpr std::size_t kSeriesPerSensorDefault = 64;
inline constexpr std::size_t kBucketsMax = 4'194'304;  // of rate limits; 16 bytes each
inline constexpr std::chrono::hours kDebtMax{24};      // of a bucket that one large batch overdrew
inline constexpr std::size_t kConnectionsPerAddressDefault = 1'024;

// Window and history.
inline constexpr Duration kWindowSpan = std::chrono::minutes(20);  // kept in memory behind a room's newest reading
inline constexpr std::size_t kLeafReadingsMin = 128;
inline constexpr std::size_t kLeafReadingsMax = 8'192;
inline constexpr std::size_t kUnflushedReadingsMin = 1'000'000;  // a flush begins when so many wait
inline constexpr std::size_t kUnflushedReadingsMax = 16'000'000;
inline constexpr std::size_t kUnflushedPerSeries = 1'024;
inline constexpr std::uint64_t kDefinitionsPerCommitMax = 50'000;  // of series, written to the history at once
inline constexpr std::size_t kUnflushedRefuse = 64'000'000;        // more than this: writes get 503
inline constexpr std::size_t kChunkReadingsMax = 16'384;
inline constexpr std::size_t kChunkSmallReadings = 1'024;  // fewer: merges put it together with its neighbours
inline constexpr std::size_t kFormerBlockReadingsMax = 4'096;
inline constexpr std::size_t kKnownGaps = 16'384;                      // series with late readings, remembered
inline constexpr std::size_t kTakenAtOnce = 8'192;                     // readings, while a window is locked
inline constexpr std::chrono::seconds kQuietBeforeSettling{5};         // no reading for so long: the history tidies up
inline constexpr std::chrono::seconds kFlushRetry{5};                  // after a flush that failed
inline constexpr std::chrono::hours kBetweenExpiries{1};               // of readings older than the retention
inline constexpr Duration kRecoveredActivity = std::chrono::hours(1);  // rooms silent for longer start empty

// The disk.
inline constexpr std::chrono::milliseconds kDiskLooks{250};  // between two looks at the free space
inline constexpr Duration kDiskRateStep = std::chrono::minutes(10);
inline constexpr Duration kDiskRateSpan = std::chrono::hours(24);  // how fast it fills is taken from so long
inline constexpr Duration kDiskRateFrom = std::chrono::hours(1);   // and not from less than this
inline constexpr double kDiskNearDays = 3;                         // full so soon: said as a warning

}  // namespace temperature::limits
