#pragma once

#include <memory>
#include <string>

#include "access/registry.h"
#include "app/data_directory.h"
#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "config/settings.h"
#include "history/history.h"
#include "journal/journal.h"
#include "mirror/mirror.h"
#include "mirror/not_taken_rows.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"

namespace temperature::app {

// The mirror of a service, if its settings name a database: built beside the pipeline, begun after its recovery.
class Mirroring {
 public:
  // Before the pipeline is built: has it tell which rows were not fresh. Nothing without a database. The settings
  // outlive this.
  Mirroring(const config::Settings& settings, pipeline::PipelineOptions& options);

  // What it reads from and tells. All outlive this.
  struct Sources {
    const DataDirectory& directory;
    const journal::Journal& journal;
    pipeline::Pipeline& pipeline;
    const catalogue::Catalogue& catalogue;
    const history::History& history;
    const access::Registry& registry;
    const Clock& clock;
    const telemetry::Log& log;
    const std::string& version;
    const std::string& default_building;
  };
  // When the pipeline was built, before it starts.
  void build(const Sources& sources);
  // When it has recovered, up to this record.
  void start(Position recovered);
  // Before the pipeline stops.
  void stop();

  // nullptr: there is none.
  [[nodiscard]] mirror::Mirror* mirror() { return mirror_.get(); }

 private:
  const config::Settings& settings_;
  mirror::NotTakenRows not_taken_;
  std::unique_ptr<mirror::Mirror> mirror_;
};

}  // namespace temperature::app
