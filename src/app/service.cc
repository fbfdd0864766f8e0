#include "app/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>
#include <utility>

#include "app/upkeep.h"
#include "base/thread.h"

namespace temperature::app {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{1'000};
constexpr std::chrono::milliseconds kForLastLines = limits::kLogEndWait;  // of the log, when the service stops
constexpr std::chrono::seconds kStartExtension{30};
constexpr std::chrono::seconds kHeldUpMin{5};  // a thread that is held up for less is not looked at
constexpr std::string_view kServing = "serving";

void say_address(const config::Settings& settings, std::uint16_t port, const telemetry::Log& log) {
  const bool v6 = settings.listen_address.find(':') != std::string::npos;
  const std::string_view scheme = settings.tls_cert.empty() ? "http" : "https";
  const std::string address = v6 ? fmt::format("{}://[{}]:{}", scheme, settings.listen_address, port)
                                 : fmt::format("{}://{}:{}", scheme, settings.listen_address, port);
  log.note(fmt::format("listening on {}", address));
  if (!log.is_shown()) return;
  const std::string_view key = settings.dev ? "" : " -H \"Authorization: Bearer $KEY\"";
  log.show(
      fmt::format("\n  data     {}\n  page     {}/\n  docs     {}/docs\n"
                  "  write    curl{} {}/v1/readings -d '{{\"room\":\"kitchen\",\"sensor\":\"s1\",\"value\":21.5}}'\n"
                  "  read     curl{} '{}/v1/average?room=kitchen'\n\n",
                  settings.data_dir.string(), address, address, key, address, key, address));
}

}  // namespace

Service::Service(const config::Settings& settings, const std::string& version, const telemetry::Log& log,
                 ErrorReports& error_reports)
    : settings_(settings),
      version_(version),
      log_(log),
      error_reports_(error_reports),
      line_rules_(settings.line_rules) {}

Service::~Service() = default;

Result<void> Service::run() {
  raise_file_limit();
  if (auto threads = check_threads(settings_.threads); !threads) return threads;
  for (const std::string& warning : settings_.warnings) log_.warn(warning);
  if (auto built = build(); !built) {
    give_up();
    return built;
  }
  doors_.emplace(BehindDoors{.pipeline = *pipeline_,
                             .journal = *journal_,
                             .history = *history_,
                             .server = *server_,
                             .tls = tls_.get(),
                             .backups = *backups_,
                             .entrance = *entrance_,
                             .clock = clock_,
                             .line_rules = line_rules_,
                             .device_maps = device_maps_,
                             .rejects = rejects_,
                             .log = log_,
                             .report_figures = error_reports_.figures(),
                             .mirror = mirroring_->mirror(),
                             .default_building = default_building_,
                             .unknown_fields = settings_.unknown_fields,
                             .require_reasons = settings_.require_reasons,
                             .memory_bytes_max = memory_,
                             .environment = settings_.environment},
                 version_, server_->options().door_threads());
  server_->serve(doors_->routes());
  say_address(settings_, server_->port(), log_);

  std::thread recovery([this] {
    name_thread("recovery");
    if (auto recovered = recover_within_memory(); !recovered) recovery_failed_ = std::move(recovered.error());
    recovery_ended_.store(true, std::memory_order_release);
    wakeups_.wake();
  });
  wait();
  limit_stopping();
  if (!recovery_ended_.load(std::memory_order_acquire) &&
      pipeline_->state().phase() == pipeline::ServiceState::Phase::recovering) {
    // Nothing is on its way, and the files are as safe as after a kill: recovery is not waited for.
    log_.say_repeats();
    log_.note("stopped while recovering");
    log_.flush();
    std::_Exit(0);
  }
  recovery.join();
  stop();
  if (recovery_failed_) {
    give_up();
    return std::unexpected(std::move(*recovery_failed_));
  }
  leave();
  log_.say_repeats();
  log_.note("stopped");
  return {};
}

void Service::wait() {
  auto between = kBetweenLooks;
  if (const auto watchdog = supervisor_.watchdog()) {
    between = std::clamp(std::chrono::floor<std::chrono::milliseconds>(*watchdog / 3), kTick, between);
  }
  while (true) {
    const Wakeups::Reason reason = wakeups_.wait(between);
    if (reason == Wakeups::Reason::stop) return;
    if (recovery_ended_.load(std::memory_order_acquire) && recovery_failed_) return;
    if (reason == Wakeups::Reason::reload) {
      supervisor_.reloading();
      for (Reload& reload : reloads_) {
        reload.files.skip();
        read_again(reload);
      }
      if (said_ready_) supervisor_.ready(kServing);
    }
    look();
  }
}

void Service::look() {
  if (!recovery_ended_.load(std::memory_order_acquire)) {
    supervisor_.extend(kStartExtension, "reading the journal");
  } else if (!said_ready_) {
    supervisor_.ready(kServing);
    said_ready_ = true;
  }
  write_watch_.look(pipeline_->refuses_writes());
  log_.say_due_repeats();
  if (const auto watchdog = supervisor_.watchdog()) {
    const auto held_up = std::chrono::steady_clock::now() - server_->last_sign_of_life();
    if (held_up < std::max<std::chrono::steady_clock::duration>(*watchdog, kHeldUpMin)) supervisor_.alive();
  }
  for (Reload& reload : reloads_) {
    if (reload.files.changed()) read_again(reload);
  }
}

void Service::read_again(const Reload& reload) const {
  if (auto read = reload.again(); !read) {
    log_.error(fmt::format("{} was not read again; the old one stays in use", reload.what),
               {{"code", std::string(traits(read.error().code).code)}, {"reason", read.error().detail}});
  } else {
    log_.note(fmt::format("read {} again", reload.what));
  }
}

Result<upkeep::BackupStamp> Service::make_backup(const std::filesystem::path& folder) {
  log_.note("making a backup", {{"directory", folder.string()}});
  auto made = upkeep::make_backup(backup_source(*directory_, *history_, *journal_, entrance_->registry(), *pipeline_),
                                  folder, clock_.now());
  if (made) {
    log_.note("made a backup", {{"directory", folder.string()}, {"bytes", std::to_string(made->bytes)}});
  } else {
    log_.error("no backup was made", {{"directory", folder.string()},
                                      {"code", std::string(traits(made.error().code).code)},
                                      {"reason", made.error().detail}});
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
                        {"series", std::to_string(catalogue_->counted().series)},
                        {"position", std::to_string(recovered->last.value())},
                        {"recovered_readings", std::to_string(recovered->readings)},
                        {"recovery_ms", std::to_string(took.count())},
                        {"environment", telemetry::LogValue::if_any(settings_.environment)}});
  mirroring_->start(recovered->last);
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

void Service::limit_stopping() {
  supervisor_.stopping("stopping");
  stop_guard_.emplace(settings_.stop_timeout - kForLastLines, [this] {
    log_.warn(
        "it took too long to stop: ended as by a kill. What was acknowledged is in the journal; a backup that was "
        "being "
        "made is not whole",
        {{"stop_timeout", format_duration(settings_.stop_timeout)}});
    log_.flush(kForLastLines);
    std::_Exit(0);
  });
}

void Service::stop() {
  log_.note("stopping");
  pipeline_->state().stop();
  server_->stop(settings_.stop_timeout / 2);
  doors_->stop();
  mirroring_->stop();
  journal_worked_ = journal_->status().writable && !pipeline_->state().folder_lost();
  pipeline_->stop();
}

}  // namespace temperature::app
