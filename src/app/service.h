#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/data_directory.h"
#include "app/doors.h"
#include "app/entrance.h"
#include "app/error_reports.h"
#include "app/file_watch.h"
#include "app/folder_keeping.h"
#include "app/folder_mark.h"
#include "app/mirroring.h"
#include "app/process.h"
#include "app/request_lines.h"
#include "app/statvfs_probe.h"
#include "app/stop_guard.h"
#include "app/supervisor.h"
#include "app/wakeups.h"
#include "app/write_watch.h"
#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "config/settings.h"
#include "history/rocks_history.h"
#include "http/origin_rules.h"
#include "http/server.h"
#include "http/tls.h"
#include "journal/rocks_journal.h"
#include "mapping/device_map.h"
#include "mapping/line_rules.h"
#include "model/ids.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"
#include "upkeep/backup_desk.h"

namespace temperature::app {

// Everything that serves, built in the order in which each part needs the one before; destroyed in reverse. One thread
// makes it, calls run() once, and destroys it.
class Service {
 public:
  // All must outlive it.
  Service(const config::Settings& settings, const std::string& version, const telemetry::Log& log,
          ErrorReports& error_reports);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Until SIGTERM or SIGINT. Error: why it could not start, or recover.
  Result<void> run();

 private:
  // What is read again on SIGHUP, and when it has changed.
  struct Reload {
    std::string_view what;
    FileWatch files;
    std::function<Result<void>()> again;  // after an error the old one stays in use
  };

  // service_build.cc
  Result<void> build();
  Result<void> load_device_map();
  Result<void> read_device_map();
  Result<void> load_tls();
  Result<void> name_origins(http::OriginRules& origins) const;
  Result<void> name_default_building();
  Result<void> listen();
  Result<void> open_stores();
  // Nobody but this user is to read what is in it. A warning where that cannot be had.
  void keep_private(const std::filesystem::path& folder) const;
  void build_pipeline();
  // Last, so that a start that fails for another reason switches nothing.
  Result<void> apply_reading_rules();

  // service.cc
  // Until a signal that ends the service, or until it could not recover.
  void wait();
  // What is to be done once in a while.
  void look();
  void read_again(const Reload& reload) const;
  Result<upkeep::BackupStamp> make_backup(const std::filesystem::path& folder);
  Result<void> recover_within_memory();
  Result<void> recover();
  // What was found, against what was noted of the last use.
  Result<void> compare_with_mark(Position last);
  // Sees to it that what follows takes --stop-timeout at most, the log's last lines among it.
  void limit_stopping();
  // Requests in flight are answered first: what they wait for is the pipeline.
  void stop();
  // All is written by now: how the folder is left. Of what a disk holds that failed nothing is known.
  void leave();
  // A start that failed.
  void give_up();
  void close();

  const config::Settings& settings_;
  const std::string& version_;
  Wakeups wakeups_;
  Supervisor supervisor_;
  const std::uint64_t memory_ = prepare_memory();
  SystemClock clock_;
  const telemetry::Log& log_;
  ErrorReports& error_reports_;
  telemetry::Rejects rejects_{log_, clock_};
  std::optional<catalogue::Catalogue> catalogue_;
  mapping::LineRules line_rules_;
  std::string default_building_;
  mapping::DeviceMaps device_maps_;
  std::optional<DataDirectory> directory_;
  std::optional<FolderMark> mark_;
  std::optional<FolderKeeping> keeping_;
  bool journal_worked_ = false;  // until the stop, in the folder that is at the path still
  std::unique_ptr<Entrance> entrance_;
  std::unique_ptr<http::Tls> tls_;
  std::optional<RequestLines> request_lines_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<journal::RocksJournal> journal_;
  std::optional<StatvfsProbe> probe_;
  std::optional<Mirroring> mirroring_;  // without its thread, it only listens
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::optional<upkeep::BackupDesk> backups_;
  std::optional<Doors> doors_;
  WriteWatch write_watch_{log_};
  std::vector<Reload> reloads_;
  // Of the thread that recovers: `recovery_failed_` stands when it has ended.
  std::atomic<bool> recovery_ended_{false};
  std::optional<Error> recovery_failed_;
  bool said_ready_ = false;
  std::optional<StopGuard> stop_guard_;
};

}  // namespace temperature::app
