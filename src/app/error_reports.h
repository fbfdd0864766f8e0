#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/settings.h"
#include "reports/crash_files.h"
#include "reports/dsn.h"
#include "reports/reporter.h"
#include "telemetry/log.h"

namespace temperature::app {

// Errors of the log and crashes, reported to Sentry when a DSN is given. Of an error the message and the code go there,
// and nothing else of it: what was sent or read is in the other fields. One thread makes and ends it; it is told from
// any.
class ErrorReports final : public telemetry::ErrorObserver {
 public:
  // `log` outlives it, and tells it of errors until it ends. Error usage: the DSN cannot be one; startup: its file
  // cannot be read.
  static Result<std::unique_ptr<ErrorReports>> open(const config::Settings& settings, const std::string& version,
                                                    telemetry::Log& log);
  ~ErrorReports() override;
  ErrorReports(const ErrorReports&) = delete;
  ErrorReports& operator=(const ErrorReports&) = delete;

  // The folder is this process's from now on: says what earlier ones left that crashed, reports it, and has crashes of
  // this one leave a record there. Also without a DSN; then it is only said. The file goes when that is done.
  void watch_crashes(const std::filesystem::path& data_dir);

  // A start that failed: that it did, and the code.
  void start_failed(ErrorCode code);

  void failed(std::string_view message, Fields fields) noexcept override;

  // Sends what waits, for so long at most; what is told later is not sent.
  void finish(std::chrono::milliseconds at_most);

  // nullptr: no DSN is given.
  [[nodiscard]] const reports::ReportFigures* figures() const { return reporter_ ? &figures_ : nullptr; }

 private:
  ErrorReports(const config::Settings& settings, const std::string& version, telemetry::Log& log);

  Result<void> start(const reports::Dsn& dsn);
  [[nodiscard]] reports::Event event(std::string_view message, std::string_view code) const;
  void take_up(const reports::CrashFile& file);
  void remove(const std::filesystem::path& file) const;

  telemetry::Log& log_;
  const std::string version_;
  const std::string release_;
  const std::string environment_;
  reports::ReportFigures figures_;
  std::unique_ptr<reports::Reporter> reporter_;  // nullptr: no DSN is given
};

}  // namespace temperature::app
