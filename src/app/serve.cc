#include "app/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "app/data_directory.h"
#include "app/doors.h"
#include "app/entrance.h"
#include "app/folder_mark.h"
#include "app/process.h"
#include "app/statvfs_probe.h"
#include "app/upkeep.h"
#include "base/clock.h"
#include "base/thread.h"
#include "catalogue/catalogue.h"
#include "history/rocks_history.h"
#include "http/authority.h"
#include "http/server.h"
#include "http/tls.h"
#include "journal/rocks_journal.h"
#include "mapping/device_map.h"
#include "model/name.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"

namespace temperature::limits {

// Seconds that requests under way have to end when the service stops; then their connections are closed.
inline constexpr std::chrono::seconds kShutdownTimeout{10};

}  // namespace temperature::limits

namespace temperature::app {
namespace {

constexpr int kRecoveryFailed = SIGUSR1;  // from the recovering thread to the one that waits

void print_address(const config::Settings& settings, std::uint16_t port) {
  const bool v6 = settings.listen_address.find(':') != std::string::npos;
  const std::string_view scheme = settings.tls_cert.empty() ? "http" : "https";
  const std::string address = v6 ? fmt::format("{}://[{}]:{}", scheme, settings.listen_address, port)
                                 : fmt::format("{}://{}:{}", scheme, settings.listen_address, port);
  fmt::print(stderr, "listening on {}\n", address);
  if (isatty(STDERR_FILENO) == 0) return;
  const std::string_view key = settings.dev ? "" : " -H \"Authorization: Bearer $KEY\"";
  fmt::print(stderr,
             "\n  data     {}\n  docs     {}/docs\n"
             "  write    curl{} {}/v1/readings -d '{{\"room\":\"kitchen\",\"sensor\":\"s1\",\"value\":21.5}}'\n"
             "  read     curl{} '{}/v1/average?room=kitchen'\n\n",
             settings.data_dir.string(), address, key, address, key, address);
}

// What SIGHUP reads again.
struct Reload {
  std::string_view what;
  std::function<Result<void>()> again;  // after an error the old one stays in use
};

// Everything that serves, built in the order in which each part needs the one before; destroyed in reverse.
class Service {
 public:
  Service(const config::Settings& settings, const std::string& version)
      : settings_(settings),
        version_(version),
        log_(settings.log_format == config::LogFormat::json ? telemetry::LogFormat::json : telemetry::LogFormat::text),
        line_rules_(settings.line_rules) {}

  // Until SIGTERM or SIGINT. Error: why it could not start, or recover.
  Result<void> run() {
    const sigset_t signals = block_signals({SIGTERM, SIGINT, SIGHUP, kRecoveryFailed});
    raise_file_limit();
    if (auto threads = check_threads(settings_.threads); !threads) return threads;
    if (auto built = build(); !built) {
      give_up();
      return built;
    }
    doors_.emplace(BehindDoors{.pipeline = *pipeline_,
                               .journal = *journal_,
                               .server = *server_,
                               .backups = *backups_,
                               .entrance = *entrance_,
                               .clock = clock_,
                               .line_rules = line_rules_,
                               .device_maps = device_maps_,
                               .rejects = rejects_,
                               .log = log_,
                               .default_building = default_building_,
                               .unknown_fields = settings_.unknown_fields},
                   version_, server_->options().door_threads());
    server_->serve(doors_->routes());
    print_address(settings_, server_->port());

    std::optional<Error> failed;
    std::thread recovery([this, &failed] {
      name_thread("recovery");
      if (auto recovered = recover_within_memory(); !recovered) {
        failed = std::move(recovered.error());
        kill(getpid(), kRecoveryFailed);
      }
    });
    const int signal = wait(signals);
    if (signal != kRecoveryFailed && pipeline_->state().phase() == pipeline::ServiceState::Phase::recovering) {
      // Nothing is on its way, and the files are as safe as after a kill: recovery is not waited for.
      log_.note("stopped while recovering");
      std::_Exit(0);
    }
    recovery.join();
    stop();
    if (failed) {
      give_up();
      return std::unexpected(std::move(*failed));
    }
    leave();
    log_.note("stopped");
    return {};
  }

 private:
  Result<void> load_device_map() {
    if (settings_.device_map.empty()) return {};
    reloads_.push_back({"the device map", [this] { return read_device_map(); }});
    return read_device_map();
  }

  Result<void> read_device_map() {
    auto map = mapping::DeviceMap::read(settings_.device_map, line_rules_.reading_rules);
    if (!map) return std::unexpected(std::move(map.error()));
    device_maps_.replace(std::move(*map));
    return {};
  }

  Result<void> build() {
    auto directory = DataDirectory::open(settings_.data_dir);
    if (!directory) return std::unexpected(std::move(directory.error()));
    directory_.emplace(std::move(*directory));
    const bool own_key = !settings_.dev && settings_.admin_key.empty() && settings_.admin_key_file.empty();
    mark_.emplace(*directory_, own_key);
    if (auto checked = mark_->check(); !checked) return checked;
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
    if (auto tls = load_tls(); !tls) return tls;
    http::ServerOptions listening;
    listening.address = settings_.listen_address;
    listening.port = settings_.listen_port;
    listening.threads = settings_.threads;
    listening.large_threads = settings_.threads;
    listening.connections_per_address_max = settings_.connections_per_address;
    if (auto named = name_origins(listening.origins); !named) return named;
    const http::MemoryBounds bounds = http::memory_bounds(memory_);
    listening.connections_max = bounds.connections;
    listening.bodies_bytes_max = bounds.bodies_bytes;
    listening.scratch_body_bytes = bounds.scratch_body_bytes;
    server_ = std::make_unique<http::Server>(listening, entrance_->gate(), tls_.get());
    if (auto bound = server_->bind(); !bound) return bound;
    auto history = history::RocksHistory::open(
        {.path = directory_->history(), .env = nullptr, .log = [this](const std::string& what) { log_.error(what); }});
    if (!history) return std::unexpected(std::move(history.error()));
    history_ = std::move(*history);
    auto journal = journal::RocksJournal::open(
        {.path = directory_->journal(), .env = nullptr, .log = [this](const std::string& what) { log_.warn(what); }},
        *catalogue_);
    if (!journal) return std::unexpected(std::move(journal.error()));
    journal_ = std::move(*journal);
    probe_.emplace(directory_->path());
    pipeline::PipelineOptions options;
    options.max_ahead = settings_.max_ahead;
    options.retention = settings_.retention;
    options.ranges = settings_.ranges;
    options.disk = &*probe_;
    options.min_free_disk = settings_.min_free_disk;
    options.unflushed_readings_min = settings_.flush_readings;
    options.log = [this](const std::string& what, bool grave) { grave ? log_.warn(what) : log_.note(what); };
    options.default_building = default_building_;
    options.reading_rules = line_rules_.reading_rules;
    pipeline_ = std::make_unique<pipeline::Pipeline>(options, clock_, *catalogue_, *journal_, *history_);
    backups_.emplace(directory_->path(), [this](const std::filesystem::path& folder) { return make_backup(folder); });
    return apply_reading_rules();
  }

  Result<void> name_origins(http::OriginRules& origins) const {
    origins.local = settings_.dev;
    for (const std::string& host : settings_.hosts) {
      if (!http::read_authority(host)) {
        return failure(ErrorCode::startup,
                       fmt::format("--host must be NAME or NAME:PORT, such as sensors.example.org, not \"{}\"", host));
      }
    }
    origins.hosts = settings_.hosts;
    return {};
  }

  Result<void> name_default_building() {
    default_building_ = settings_.default_building;
    if (line_rules_.reading_rules == ReadingRules::former) return {};
    std::string made;
    const auto normal = normalise_name("--default-building", default_building_, made);
    if (!normal) return failure(ErrorCode::startup, normal.error().detail);
    default_building_ = std::string(*normal);
    return {};
  }

  // Last, so that a start that fails for another reason switches nothing.
  Result<void> apply_reading_rules() {
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

  Result<void> load_tls() {
    if (settings_.tls_cert.empty()) return {};
    auto tls = http::Tls::load({settings_.tls_cert, settings_.tls_key});
    if (!tls) return std::unexpected(std::move(tls.error()));
    tls_ = std::move(*tls);
    reloads_.push_back({"the certificate", [this] { return tls_->reload(); }});
    return {};
  }

  // Until a signal that ends the service; returns that. SIGHUP: what can be read again while it runs is.
  int wait(const sigset_t& signals) {
    int signal = 0;
    for (sigwait(&signals, &signal); signal == SIGHUP; sigwait(&signals, &signal)) {
      for (const auto& [what, again] : reloads_) {
        if (auto read = again(); !read) {
          log_.error(fmt::format("{} was not read again; the old one stays in use", what),
                     {{"reason", read.error().detail}});
        } else {
          log_.note(fmt::format("read {} again", what));
        }
      }
    }
    return signal;
  }

  Result<upkeep::BackupStamp> make_backup(const std::filesystem::path& folder) {
    log_.note("making a backup", {{"directory", folder.string()}});
    auto made = upkeep::make_backup(backup_source(*directory_, *history_, *journal_, entrance_->registry(), *pipeline_),
                                    folder, clock_.now());
    if (made) {
      log_.note("made a backup", {{"directory", folder.string()}, {"bytes", std::to_string(made->bytes)}});
    } else {
      log_.error(made.error().detail);
    }
    return made;
  }

  Result<void> recover_within_memory() {
    try {
      return recover();
    } catch (const std::bad_alloc&) {
      return failure(ErrorCode::startup, "cannot recover: there is not enough memory");
    }
  }

  Result<void> recover() {
    const auto began = std::chrono::steady_clock::now();
    const auto recovered = pipeline_->start();
    if (!recovered) return std::unexpected(recovered.error());
    if (auto compared = compare_with_mark(recovered->last); !compared) return compared;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    log_.note("serving", {{"version", version_},
                          {"data_dir", settings_.data_dir.string()},
                          {"series", std::to_string(catalogue_->series_count())},
                          {"position", std::to_string(recovered->last.value())},
                          {"recovered_readings", std::to_string(recovered->readings)},
                          {"recovery_ms", std::to_string(took.count())}});
    auto noted = mark_->note_serving(history_->safe_position(), recovered->last);
    if (!noted) log_.warn(noted.error().detail);
    return {};
  }

  // What was found, against what was noted of the last use.
  Result<void> compare_with_mark(Position last) {
    const Position safe = history_->safe_position();
    if (auto checked = mark_->check_positions(safe, last); !checked) return checked;
    if (mark_->was_stopped() || last == Position()) return {};
    log_.warn(
        "the last use of this data folder did not end in order, or nothing tells of it: what was acknowledged is in "
        "the journal's records, unless the disk lost the last ones",
        {{"last_record", std::to_string(last.value())}, {"history_position", std::to_string(safe.value())}});
    return {};
  }

  // All is written by now: how the folder is left. Of what a disk holds that failed nothing is known.
  void leave() {
    const Position safe = history_->safe_position();
    const Position last = journal_->status().last;
    close();
    if (!journal_worked_) return;
    if (auto noted = mark_->note_stopped(safe, last); !noted) log_.warn(noted.error().detail);
  }

  // A start that failed.
  void give_up() {
    close();
    if (!mark_) return;
    if (auto noted = mark_->note_unchanged(); !noted) log_.warn(noted.error().detail);
  }

  void close() {
    doors_.reset();
    backups_.reset();
    pipeline_.reset();
    journal_.reset();
    history_.reset();
    server_.reset();
    entrance_.reset();
  }

  // Requests in flight are answered first: what they wait for is the pipeline.
  void stop() {
    log_.note("stopping");
    pipeline_->state().stop();
    server_->stop(limits::kShutdownTimeout);
    doors_->stop();
    journal_worked_ = journal_->status().writable && !pipeline_->state().folder_lost();
    pipeline_->stop();
  }

  const config::Settings& settings_;
  const std::string& version_;
  const std::uint64_t memory_ = prepare_memory();
  SystemClock clock_;
  telemetry::Log log_;
  telemetry::Rejects rejects_{log_, clock_};
  std::optional<catalogue::Catalogue> catalogue_;
  mapping::LineRules line_rules_;
  std::string default_building_;
  mapping::DeviceMaps device_maps_;
  std::optional<DataDirectory> directory_;
  std::optional<FolderMark> mark_;
  bool journal_worked_ = false;  // until the stop, in the folder that is at the path still
  std::unique_ptr<Entrance> entrance_;
  std::unique_ptr<http::Tls> tls_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<journal::RocksJournal> journal_;
  std::optional<StatvfsProbe> probe_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::optional<upkeep::BackupDesk> backups_;
  std::optional<Doors> doors_;
  std::vector<Reload> reloads_;
};

}  // namespace

int serve(const config::Settings& settings, const std::string& version) {
  std::string_view failed;
  try {
    Service service(settings, version);
    try {
      if (auto ran = service.run(); !ran) {
        fmt::print(stderr, "temperature-service: {}\n", ran.error().detail);
        return 1;
      }
      return 0;
    } catch (const std::bad_alloc&) {
      failed = kNoMemory;
    } catch (const std::system_error&) {
      failed = kNoThread;
    }
    // Threads may run: nothing is taken down. The files are as safe as after a kill.
    std::fprintf(stderr, "temperature-service: %s\n", failed.data());
    std::_Exit(1);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "temperature-service: %s\n", kNoMemory);
  }
  return 1;
}

}  // namespace temperature::app
