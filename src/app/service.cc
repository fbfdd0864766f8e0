#include "app/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>
#include <utility>

#include "app/upkeep.h"
#include "base/thread.h"

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

}  // namespace

Service::Service(const config::Settings& settings, const std::string& version)
    : settings_(settings),
      version_(version),
      log_(settings.log_format == config::LogFormat::json ? telemetry::LogFormat::json : telemetry::LogFormat::text),
      line_rules_(settings.line_rules) {}

Service::~Service() = default;

Result<void> Service::run() {
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

int Service::wait(const sigset_t& signals) {
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

Result<upkeep::BackupStamp> Service::make_backup(const std::filesystem::path& folder) {
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

Result<void> Service::recover_within_memory() {
  try {
    return recover();
  } catch (const std::bad_alloc&) {
    return failure(ErrorCode::startup, "cannot recover: there is not enough memory");
  }
}

Result<void> Service::recover() {
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

Result<void> Service::compare_with_mark(Position last) {
  const Position safe = history_->safe_position();
  if (auto checked = mark_->check_positions(safe, last); !checked) return checked;
  if (mark_->was_stopped() || last == Position()) return {};
  log_.warn(
      "the last use of this data folder did not end in order, or nothing tells of it: what was acknowledged is in "
      "the journal's records, unless the disk lost the last ones",
      {{"last_record", std::to_string(last.value())}, {"history_position", std::to_string(safe.value())}});
  return {};
}

void Service::leave() {
  const Position safe = history_->safe_position();
  const Position last = journal_->status().last;
  close();
  if (!journal_worked_) return;
  if (auto noted = mark_->note_stopped(safe, last); !noted) log_.warn(noted.error().detail);
}

void Service::give_up() {
  close();
  if (!mark_) return;
  if (auto noted = mark_->note_unchanged(); !noted) log_.warn(noted.error().detail);
}

void Service::close() {
  doors_.reset();
  backups_.reset();
  pipeline_.reset();
  journal_.reset();
  history_.reset();
  server_.reset();
  entrance_.reset();
}

void Service::stop() {
  log_.note("stopping");
  pipeline_->state().stop();
  server_->stop(limits::kShutdownTimeout);
  doors_->stop();
  journal_worked_ = journal_->status().writable && !pipeline_->state().folder_lost();
  pipeline_->stop();
}

}  // namespace temperature::app
