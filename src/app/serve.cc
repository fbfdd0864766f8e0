#include "app/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include "access/admin_key_gate.h"
#include "app/data_directory.h"
#include "app/doors.h"
#include "base/clock.h"
#include "base/limits.h"
#include "catalogue/catalogue.h"
#include "history/rocks_history.h"
#include "http/server.h"
#include "journal/rocks_journal.h"
#include "mapping/device_map.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"

namespace temperature::app {
namespace {

constexpr int kRecoveryFailed = SIGUSR1;  // from the recovering thread to the one that waits

// Signals that end the service are waited for, not handled. Before any thread is started.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kRecoveryFailed}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Each connection is a file.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<std::unique_ptr<access::Gate>> make_gate(const config::Settings& settings, const DataDirectory& directory,
                                                const telemetry::Log& log) {
  if (settings.dev) {
    log.warn("no credential is asked for (--dev)");
    return std::make_unique<access::OpenGate>();
  }
  std::string key = settings.admin_key;
  if (key.empty() && !settings.admin_key_file.empty()) {
    auto read = access::read_secret(settings.admin_key_file);
    if (!read) return std::unexpected(std::move(read.error()));
    key = std::move(*read);
  } else if (key.empty()) {
    auto kept = access::read_or_make_admin_key(directory.admin_key());
    if (!kept) return std::unexpected(std::move(kept.error()));
    if (kept->made) {
      log.note("made an admin key", {{"file", directory.admin_key().string()}});
      if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "admin key: {}\n", kept->key);
    }
    key = std::move(kept->key);
  }
  auto gate = access::AdminKeyGate::make(std::move(key));
  if (!gate) return std::unexpected(std::move(gate.error()));
  return std::make_unique<access::AdminKeyGate>(std::move(*gate));
}

void print_address(const config::Settings& settings, std::uint16_t port) {
  const bool v6 = settings.listen_address.find(':') != std::string::npos;
  const std::string address = v6 ? fmt::format("http://[{}]:{}", settings.listen_address, port)
                                 : fmt::format("http://{}:{}", settings.listen_address, port);
  fmt::print(stderr, "listening on {}\n", address);
  if (isatty(STDERR_FILENO) == 0) return;
  const std::string_view key = settings.dev ? "" : " -H \"Authorization: Bearer $KEY\"";
  fmt::print(stderr,
             "\n  data     {}\n  docs     {}/docs\n"
             "  write    curl{} {}/v1/readings -d '{{\"room\":\"kitchen\",\"sensor\":\"s1\",\"value\":21.5}}'\n"
             "  read     curl{} '{}/v1/average?room=kitchen'\n\n",
             settings.data_dir.string(), address, key, address, key, address);
}

// Everything that serves, built in the order in which each part needs the one before; destroyed in reverse.
class Service {
 public:
  Service(const config::Settings& settings, const std::string& version)
      : settings_(settings),
        version_(version),
        log_(settings.log_format == config::LogFormat::json ? telemetry::LogFormat::json : telemetry::LogFormat::text),
        catalogue_(settings.series_max) {}

  // Until SIGTERM or SIGINT. Error: why it could not start, or recover.
  Result<void> run() {
    const sigset_t signals = block_signals();
    raise_file_limit();
    if (auto built = build(); !built) return built;
    doors_.emplace(BehindDoors{.pipeline = *pipeline_,
                               .journal = *journal_,
                               .server = *server_,
                               .clock = clock_,
                               .line_rules = settings_.line_rules,
                               .device_maps = device_maps_,
                               .rejects = rejects_,
                               .default_building = settings_.default_building},
                   version_, settings_.threads);
    server_->serve(doors_->routes());
    print_address(settings_, server_->port());

    std::optional<Error> failed;
    std::thread recovery([this, &failed] {
      if (auto recovered = recover(); !recovered) {
        failed = std::move(recovered.error());
        kill(getpid(), kRecoveryFailed);
      }
    });
    const int signal = wait_for_end(signals);
    if (signal != kRecoveryFailed && pipeline_->state().phase() == pipeline::ServiceState::Phase::recovering) {
      // Nothing is on its way, and the files are as safe as after a kill: recovery is not waited for.
      log_.note("stopped while recovering");
      std::_Exit(0);
    }
    recovery.join();
    stop();
    if (failed) return std::unexpected(std::move(*failed));
    log_.note("stopped");
    return {};
  }

 private:
  // SIGHUP ends nothing: the files that may change are read again.
  int wait_for_end(const sigset_t& signals) {
    int signal = SIGHUP;
    while (signal == SIGHUP) {
      sigwait(&signals, &signal);
      if (signal != SIGHUP) break;
      if (auto read = read_device_map(); !read)
        log_.warn("the device map is as it was", {{"why", read.error().detail}});
    }
    return signal;
  }

  Result<void> read_device_map() {
    if (settings_.device_map.empty()) return {};
    auto map = mapping::DeviceMap::read(settings_.device_map);
    if (!map) return std::unexpected(std::move(map.error()));
    log_.note("read the device map", {{"devices", std::to_string(map->size())}});
    device_maps_.replace(std::move(*map));
    return {};
  }

  Result<void> build() {
    if (auto read = read_device_map(); !read) return read;
    auto directory = DataDirectory::open(settings_.data_dir);
    if (!directory) return std::unexpected(std::move(directory.error()));
    directory_.emplace(std::move(*directory));
    auto gate = make_gate(settings_, *directory_, log_);
    if (!gate) return std::unexpected(std::move(gate.error()));
    gate_ = std::move(*gate);
    http::ServerOptions listening;
    listening.address = settings_.listen_address;
    listening.port = settings_.listen_port;
    listening.threads = settings_.threads;
    server_ = std::make_unique<http::Server>(listening, *gate_);
    if (auto bound = server_->bind(); !bound) return bound;
    auto history = history::RocksHistory::open({directory_->history()});
    if (!history) return std::unexpected(std::move(history.error()));
    history_ = std::move(*history);
    auto journal = journal::RocksJournal::open(
        {.path = directory_->journal(), .env = nullptr, .log = [this](const std::string& what) { log_.warn(what); }},
        catalogue_);
    if (!journal) return std::unexpected(std::move(journal.error()));
    journal_ = std::move(*journal);
    pipeline::PipelineOptions options;
    options.max_ahead = settings_.max_ahead;
    options.retention = settings_.retention;
    options.default_building = settings_.default_building;
    pipeline_ = std::make_unique<pipeline::Pipeline>(options, clock_, catalogue_, *journal_, *history_);
    return {};
  }

  Result<void> recover() {
    const auto began = std::chrono::steady_clock::now();
    const auto recovered = pipeline_->start();
    if (!recovered) return std::unexpected(recovered.error());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    log_.note("serving", {{"version", version_},
                          {"data_dir", settings_.data_dir.string()},
                          {"series", std::to_string(catalogue_.series_count())},
                          {"position", std::to_string(recovered->last.value())},
                          {"recovered_readings", std::to_string(recovered->readings)},
                          {"recovery_ms", std::to_string(took.count())}});
    return {};
  }

  // Requests in flight are answered first: what they wait for is the pipeline.
  void stop() {
    log_.note("stopping");
    pipeline_->state().stop();
    server_->stop(limits::kShutdownTimeout);
    pipeline_->stop();
  }

  const config::Settings& settings_;
  const std::string& version_;
  SystemClock clock_;
  telemetry::Log log_;
  telemetry::Rejects rejects_{log_, clock_};
  catalogue::Catalogue catalogue_;
  mapping::DeviceMaps device_maps_;
  std::optional<DataDirectory> directory_;
  std::unique_ptr<access::Gate> gate_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<journal::RocksJournal> journal_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::optional<Doors> doors_;
};

}  // namespace

int serve(const config::Settings& settings, const std::string& version) {
  Service service(settings, version);
  if (auto ran = service.run(); !ran) {
    fmt::print(stderr, "temperature-service: {}\n", ran.error().detail);
    return 1;
  }
  return 0;
}

}  // namespace temperature::app
