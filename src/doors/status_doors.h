#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/gate.h"
#include "doors/line_door.h"
#include "doors/readers.h"
#include "http/message.h"
#include "http/server.h"
#include "journal/journal.h"
#include "pipeline/pipeline.h"
#include "reports/reporter.h"
#include "telemetry/log.h"

// What those ask who run the service.
namespace temperature::doors {

// GET /livez: the process answers.
class LivezDoor final : public http::Door {
 public:
  void handle(http::Exchange& exchange) override;
};

// GET /readyz: 503 in recovery (with its progress) and shutdown; ?for=writes also when writes are refused.
class ReadyzDoor final : public http::Door {
 public:
  explicit ReadyzDoor(const pipeline::Pipeline& pipeline) : pipeline_(pipeline) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
};

// GET /healthz: the state in words; 200 while reads are answered.
class HealthzDoor final : public http::Door {
 public:
  HealthzDoor(const pipeline::Pipeline& pipeline, std::string version)
      : pipeline_(pipeline), version_(std::move(version)) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  std::string version_;
};

// Figures that somebody looks at now and then (telemetry/slow_figures.h).
struct LookedAt {
  const std::atomic<std::uint64_t>& journal_bytes;
  const std::atomic<std::uint64_t>& history_bytes;
  const std::atomic<std::uint64_t>& open_files;
};

// GET /metrics: each stage of the way, for Prometheus.
class MetricsDoor final : public http::Door {
 public:
  MetricsDoor(const pipeline::Pipeline& pipeline, const journal::Journal& journal, const http::Server& server,
              const LineFigures& lines, const telemetry::Rejects& rejects, const access::Gate& gate,
              const Readers& readers, LookedAt looked_at, const telemetry::Log& log,
              const reports::ReportFigures* report_figures, std::string version)
      : pipeline_(pipeline),
        journal_(journal),
        server_(server),
        lines_(lines),
        rejects_(rejects),
        gate_(gate),
        readers_(readers),
        looked_at_(looked_at),
        log_(log),
        report_figures_(report_figures),
        version_(std::move(version)) {}
  void handle(http::Exchange& exchange) override;

 private:
  const pipeline::Pipeline& pipeline_;
  const journal::Journal& journal_;
  const http::Server& server_;
  const LineFigures& lines_;
  const telemetry::Rejects& rejects_;
  const access::Gate& gate_;
  const Readers& readers_;
  const LookedAt looked_at_;
  const telemetry::Log& log_;
  const reports::ReportFigures* const report_figures_;  // nullptr: nothing is reported
  std::string version_;
};

}  // namespace temperature::doors
