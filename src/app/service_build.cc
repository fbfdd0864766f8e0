#include <fmt/format.h>

#include <string>
#include <utility>

#include "app/service.h"
#include "app/upkeep.h"
#include "http/authority.h"
#include "http/memory_bounds.h"
#include "model/name.h"

namespace temperature::app {

Result<void> Service::load_device_map() {
  if (settings_.device_map.empty()) return {};
  reloads_.push_back({"the device map", FileWatch({settings_.device_map}), [this] { return read_device_map(); }});
  return read_device_map();
}

Result<void> Service::read_device_map() {
  auto map = mapping::DeviceMap::read(settings_.device_map, line_rules_.reading_rules);
  if (!map) return std::unexpected(std::move(map.error()));
  device_maps_.replace(std::move(*map));
  return {};
}

Result<void> Service::build() {
  auto directory = DataDirectory::open(settings_.data_dir);
  if (!directory) return std::unexpected(std::move(directory.error()));
  directory_.emplace(std::move(*directory));
  error_reports_.watch_crashes(directory_->path());
  const bool own_key = !settings_.dev && settings_.admin_key.empty() && settings_.admin_key_file.empty();
  mark_.emplace(*directory_, own_key);
  if (auto checked = mark_->check(); !checked) return checked;
  keeping_.emplace(directory_->path(), log_);
  if (auto kept = keeping_->check(settings_.retention); !settings_.allow_short_retention && !kept) return kept;
  line_rules_.reading_rules = settings_.reading_rules.value_or(directory_->reading_rules());
  if (auto named = name_default_building(); !named) return named;
  catalogue_.emplace(
      settings_.series_max, line_rules_.reading_rules,
      catalogue::QuantityLimits{.in_all = settings_.quantities_max, .of_sensor = settings_.quantities_per_sensor});
  if (auto read = load_device_map(); !read) return read;
  if (auto begun = mark_->begin(); !begun) return begun;
  auto entrance = Entrance::open(settings_, *directory_, line_rules_.reading_rules, clock_, log_);
  if (!entrance) return std::unexpected(std::move(entrance.error()));
  entrance_ = std::move(*entrance);
  keep_private(directory_->access());
  if (auto tls = load_tls(); !tls) return tls;
  if (auto bound = listen(); !bound) return bound;
  if (auto opened = open_stores(); !opened) return opened;
  build_pipeline();
  return apply_reading_rules();
}

Result<void> Service::listen() {
  http::ServerOptions listening;
  listening.address = settings_.listen_address;
  listening.port = settings_.listen_port;
  listening.threads = settings_.threads;
  listening.large_threads = settings_.threads;
  listening.connections_per_address_max = settings_.connections_per_address;
  request_lines_.emplace(settings_.access_log, log_);
  listening.request_log = &*request_lines_;
  listening.access_log = settings_.access_log.has_value();
  if (auto named = name_origins(listening.origins); !named) return named;
  auto proxies = http::TrustedProxies::parse(settings_.trusted_proxies);
  if (!proxies) return std::unexpected(std::move(proxies.error()));
  listening.proxies = std::move(*proxies);
  const http::MemoryBounds bounds = http::memory_bounds(memory_);
  listening.connections_max = bounds.connections;
  listening.bodies_bytes_max = bounds.bodies_bytes;
  listening.scratch_body_bytes = bounds.scratch_body_bytes;
  server_ = std::make_unique<http::Server>(listening, entrance_->gate(), tls_.get());
  return server_->bind();
}

Result<void> Service::open_stores() {
  auto history = history::RocksHistory::open(
      {.path = directory_->history(), .env = nullptr, .log = [this](const std::string& what) {
         log_.error("the history is damaged",
                    {{"code", std::string(traits(ErrorCode::history_failed).code)}, {"reason", what}});
       }});
  if (!history) return std::unexpected(std::move(history.error()));
  history_ = std::move(*history);
  keep_private(directory_->history());
  auto journal = journal::RocksJournal::open(
      {.path = directory_->journal(),
       .env = nullptr,
       .log = [this](const std::string& what) { log_.warn(what); },
       .closed =
           [this](const Error& why) {
             log_.error("writes are refused until the service is started again: the journal takes nothing more",
                        {{"code", std::string(traits(why.code).code)}, {"reason", why.detail}});
           }},
      *catalogue_);
  if (!journal) return std::unexpected(std::move(journal.error()));
  journal_ = std::move(*journal);
  keep_private(directory_->journal());
  probe_.emplace(directory_->path());
  return {};
}

void Service::keep_private(const std::filesystem::path& folder) const {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  if ((fs::status(folder, error).permissions() & others) == fs::perms::none) return;
  fs::permissions(folder, others, fs::perm_options::remove, error);
  if (!error) return;
  log_.warn("others on this machine may read a folder of the data",
            {{"folder", folder.string()}, {"reason", error.message()}});
}

void Service::build_pipeline() {
  pipeline::PipelineOptions options;
  options.journal_id = directory_->journal_id();
  options.max_ahead = settings_.max_ahead;
  options.retention = settings_.retention;
  options.clock_is_right = settings_.clock_is_right;
  options.notes = &*keeping_;
  options.senders = settings_.dev ? pipeline::Senders::sensors : pipeline::Senders::credentials;
  options.ranges = settings_.ranges;
  options.disk = &*probe_;
  options.min_free_disk = settings_.min_free_disk;
  options.unflushed_readings_min = settings_.flush_readings;
  options.log = [this](const std::string& what, bool grave) { grave ? log_.warn(what) : log_.note(what); };
  options.admit_judgements = [this] { return directory_->admit_judgements(); };
  options.default_building = default_building_;
  options.reading_rules = line_rules_.reading_rules;
  mirroring_.emplace(settings_, options);
  pipeline_ = std::make_unique<pipeline::Pipeline>(options, clock_, *catalogue_, *journal_, *history_);
  mirroring_->build({.directory = *directory_,
                     .journal = *journal_,
                     .pipeline = *pipeline_,
                     .catalogue = *catalogue_,
                     .history = *history_,
                     .registry = entrance_->registry(),
                     .clock = clock_,
                     .log = log_,
                     .version = version_,
                     .default_building = default_building_});
  backups_.emplace(directory_->path(), [this](const std::filesystem::path& folder) { return make_backup(folder); });
}

Result<void> Service::name_origins(http::OriginRules& origins) const {
  origins.local = settings_.dev;
  for (const std::string& host : settings_.hosts) {
    if (!http::read_authority(host)) {
      return failure(ErrorCode::usage,
                     fmt::format("--host must be NAME or NAME:PORT, such as sensors.example.org, not \"{}\"", host));
    }
  }
  origins.hosts = settings_.hosts;
  for (const std::string& page : settings_.cors_origins) {
    if (page == "*" && settings_.dev) {
      return failure(ErrorCode::usage,
                     "--cors-origin * lets every page of the web ask, and --dev answers without a credential: name the "
                     "origins");
    }
    if (page != "*" && !http::read_origin(page)) {
      return failure(ErrorCode::usage,
                     fmt::format("--cors-origin must be *, or SCHEME://HOST or SCHEME://HOST:PORT, such as "
                                 "https://dashboards.example.org, not \"{}\"",
                                 page));
    }
    origins.any_page = origins.any_page || page == "*";
  }
  if (!origins.any_page) origins.pages = settings_.cors_origins;
  return {};
}

Result<void> Service::name_default_building() {
  default_building_ = settings_.default_building;
  if (line_rules_.reading_rules == ReadingRules::former) return {};
  std::string made;
  const auto normal = normalise_name("--default-building", default_building_, made);
  if (!normal) return failure(ErrorCode::startup, normal.error().detail);
  default_building_ = std::string(*normal);
  return {};
}

Result<void> Service::apply_reading_rules() {
  const bool former = directory_->reading_rules() == ReadingRules::former;
  if (former && line_rules_.reading_rules == ReadingRules::former) {
    log_.note(
        "this data folder reads names, units and sensors by its former rules; temperature-service names --check says "
        "what the current ones would change, and serve --reading-rules current switches to them for good",
        {{"data_dir", settings_.data_dir.string()}});
  }
  if (!former || line_rules_.reading_rules == ReadingRules::former) return {};
  if (auto switched = directory_->switch_to_current_rules(); !switched) return switched;
  log_.note("this data folder reads names, units and sensors by the current rules from now on, for good",
            {{"data_dir", settings_.data_dir.string()}});
  return {};
}

Result<void> Service::load_tls() {
  if (settings_.tls_cert.empty()) return {};
  FileWatch files({settings_.tls_cert, settings_.tls_key});
  auto tls = http::Tls::load({settings_.tls_cert, settings_.tls_key});
  if (!tls) return std::unexpected(std::move(tls.error()));
  tls_ = std::move(*tls);
  reloads_.push_back({"the certificate", std::move(files), [this] { return tls_->reload(); }});
  return {};
}

}  // namespace temperature::app
