#include "app/mirroring.h"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace temperature::app {

Mirroring::Mirroring(const config::Settings& settings, pipeline::PipelineOptions& options) : settings_(settings) {
  if (!settings.mirror.url) return;
  options.not_taken = [this](Position record, std::span<const std::uint32_t> rows) { not_taken_.add(record, rows); };
}

void Mirroring::build(const Sources& sources) {
  if (!settings_.mirror.url) return;
  mirror::MirrorOptions options{.url = *settings_.mirror.url,
                                .view_schema = settings_.mirror.view_schema,
                                .program = fmt::format("temperature-service {}", sources.version),
                                .retention = settings_.retention,
                                .settings = {},
                                .follower = {}};
  options.settings = {
      {"reading_rules", sources.catalogue.reading_rules() == ReadingRules::former ? "former" : "current"},
      {"retention", settings_.retention_text},
      {"ranges", settings_.ranges_text},
      {"default_building", sources.default_building}};
  options.follower.data_dir = sources.directory.path();
  options.follower.journal_id = sources.directory.journal_id();
  options.follower.forked_from = sources.directory.forked_from();
  options.follower.journal_bytes_max = settings_.mirror.journal_max;
  options.copies = settings_.mirror.copies;
  options.log = [&log = sources.log](const std::string& what, bool grave) { grave ? log.warn(what) : log.note(what); };
  mirror_ = std::make_unique<mirror::Mirror>(std::move(options), sources.journal, sources.pipeline, sources.catalogue,
                                             sources.history, sources.registry, not_taken_, sources.clock);
  mirror_->prepare();
}

void Mirroring::start(Position recovered) {
  if (mirror_) mirror_->start(recovered);
}

void Mirroring::stop() {
  if (mirror_) mirror_->stop();
}

}  // namespace temperature::app
