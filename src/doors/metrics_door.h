#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/gate.h"
#include "doors/line_door.h"
#include "doors/query_door.h"
#include "doors/readers.h"
#include "http/message.h"
#include "http/server.h"
#include "http/tls.h"
#include "journal/journal.h"
#include "mirror/mirror.h"
#include "pipeline/pipeline.h"
#include "reports/reporter.h"
#include "telemetry/exposition.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"
#include "upkeep/backup_desk.h"

namespace temperature::limits {

// Averages of one answer of /metrics/rooms; rooms beyond are left out, and room_metrics_truncated says so.
inline constexpr std::size_t kRoomMetricsMax = 10'000;
// Rooms of one piece of that answer: between two pieces others' questions come.
inline constexpr std::size_t kRoomMetricsPiece = 200;

}  // namespace temperature::limits

// What monitoring asks for.
namespace temperature::doors {

// Which of the two formats a scraper that sends this Accept gets: OpenMetrics where it is named and wanted no less than
// plain text (RFC 9110, section 12.5.1).
telemetry::Exposition exposition_for(std::string_view accept);

// Figures that somebody looks at now and then (telemetry/slow_figures.h).
struct LookedAt {
  const std::atomic<std::uint64_t>& journal_bytes;
  const std::atomic<std::uint64_t>& history_bytes;
  const std::atomic<std::uint64_t>& open_files;
};

// Where the samples of /metrics come from. All outlive the door.
struct MetricsSources {
  const pipeline::Pipeline& pipeline;
  const journal::Journal& journal;
  const http::Server& server;
  const LineFigures& lines;
  const telemetry::Rejects& rejects;
  const access::Gate& gate;
  const Readers& readers;
  const upkeep::BackupDesk& backups;
  const telemetry::Log& log;
  const reports::ReportFigures* report_figures;  // nullptr: nothing is reported
  const mirror::Mirror* mirror;                  // nullptr: there is none
  const http::Tls* tls;                          // nullptr: there is none
  LookedAt looked_at;
  std::uint64_t memory_bytes_max;  // that the process may have
  std::string version;
  std::string environment;  // empty: not said
};

// GET /metrics: each stage of the way, for Prometheus. It costs the same however large the building is.
class MetricsDoor final : public http::Door {
 public:
  explicit MetricsDoor(MetricsSources sources);
  void handle(http::Exchange& exchange) override;

 private:
  const MetricsSources sources_;
  const double start_seconds_;  // of the process, since 1970
};

// GET /metrics/rooms: what every room that may be seen is like, in the text format, in pieces of
// limits::kRoomMetricsPiece rooms.
class RoomMetricsDoor final : public QueryDoor {
 public:
  using QueryDoor::QueryDoor;

 private:
  Result<Later> answer(const http::Query& query, const access::Principal& principal, http::Response& response) override;
};

}  // namespace temperature::doors
