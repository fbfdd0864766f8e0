#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "app/entrance.h"
#include "base/clock.h"
#include "doors/asset_door.h"
#include "doors/audit_door.h"
#include "doors/backup_doors.h"
#include "doors/deletion_door.h"
#include "doors/history_door.h"
#include "doors/influx_delete_door.h"
#include "doors/influx_doors.h"
#include "doors/line_door.h"
#include "doors/metrics_door.h"
#include "doors/mirror_doors.h"
#include "doors/original_door.h"
#include "doors/queries.h"
#include "doors/readers.h"
#include "doors/readings_door.h"
#include "doors/registry_doors.h"
#include "doors/rejects_door.h"
#include "doors/status_doors.h"
#include "history/history.h"
#include "http/message.h"
#include "http/server.h"
#include "http/tls.h"
#include "journal/journal.h"
#include "mapping/device_map.h"
#include "mapping/line_rules.h"
#include "model/unknown_fields.h"
#include "pipeline/pipeline.h"
#include "reports/reporter.h"
#include "telemetry/slow_figures.h"
#include "upkeep/backup_desk.h"

namespace temperature::app {

// What lies behind the doors. All outlives them.
struct BehindDoors {
  pipeline::Pipeline& pipeline;
  const journal::Journal& journal;
  const history::History& history;
  const http::Server& server;
  const http::Tls* tls;  // nullptr: there is none
  upkeep::BackupDesk& backups;
  Entrance& entrance;
  const Clock& clock;
  const mapping::LineRules& line_rules;
  const mapping::DeviceMaps& device_maps;
  telemetry::Rejects& rejects;
  const telemetry::Log& log;
  const reports::ReportFigures* report_figures;  // nullptr: nothing is reported
  mirror::Mirror* mirror;                        // nullptr: there is none
  const std::string& default_building;
  UnknownFields unknown_fields;
  bool require_reasons;            // of whoever deletes
  std::uint64_t memory_bytes_max;  // that the process may have
  const std::string& environment;  // where it runs; empty: not said
};

// All doors of the service. Must outlive the server's threads.
class Doors {
 public:
  Doors(const BehindDoors& behind, const std::string& version, std::size_t threads);
  ~Doors();  // stop()
  Doors(const Doors&) = delete;
  Doors& operator=(const Doors&) = delete;

  [[nodiscard]] std::vector<http::Route> routes();

  // Ends the readers, and what looks at the stores: after the server's threads, for questions come from there; before
  // the pipeline.
  void stop();

 private:
  doors::Reading reading_of(const BehindDoors& behind) {
    return {behind.pipeline, behind.clock, behind.default_building, readers_};
  }

  doors::Readers readers_;
  doors::Readers administrators_{1};  // for what administrators ask: nobody's questions come before theirs
  telemetry::SlowFigures slow_figures_;
  doors::TemperaturesDoor temperatures_;
  doors::TemperatureAverageDoor temperature_average_;
  doors::ReadingsDoor readings_;
  doors::LineDoor lines_;
  doors::InfluxPingDoor influx_ping_;
  doors::InfluxHealthDoor influx_health_;
  doors::InfluxReadyDoor influx_ready_;
  doors::InfluxNamesDoor influx_names_;
  doors::InfluxFluxDoor influx_flux_;
  doors::InfluxDeleteDoor influx_delete_;
  doors::InfluxQueryDoor influx_query_;
  doors::RejectsDoor rejects_;
  doors::AverageDoor average_;
  doors::ReadingsQueryDoor readings_query_;
  doors::DeletionDoor deletion_;
  doors::AuditDoor audit_;
  doors::HistoryDoor history_;
  doors::RoomsDoor rooms_;
  doors::SensorsDoor sensors_;
  doors::RegisteredSensorDoor registered_sensor_;
  doors::KeysDoor keys_;
  doors::KeyDoor key_;
  doors::LivezDoor livez_;
  doors::ReadyzDoor readyz_;
  doors::HealthzDoor healthz_;
  doors::MetricsDoor metrics_;
  doors::RoomMetricsDoor room_metrics_;
  doors::BackupDoor backup_;
  doors::BackupStatusDoor backup_status_;
  doors::MirrorStatusDoor mirror_status_;
  doors::MirrorResyncDoor mirror_resync_;
  doors::MirrorReplaceDoor mirror_replace_;
  std::deque<doors::AssetDoor> assets_;
};

}  // namespace temperature::app
