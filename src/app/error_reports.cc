#include "app/error_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "access/admin_key.h"
#include "base/clock.h"
#include "reports/crash_handler.h"
#include "reports/curl_sender.h"

namespace temperature::app {
namespace {

constexpr std::size_t kPlacesShown = 8;
constexpr std::string_view kCode = "code";  // the one field of a line that is reported: a word of base/error.h

Result<std::string> dsn_text(const config::ErrorReports& settings) {
  return settings.dsn_file.empty() ? settings.dsn : access::read_secret(settings.dsn_file);
}

std::string build_id_of(const reports::Crash& crash) {
  return crash.images.empty() ? std::string() : crash.images.front().build_id;
}

}  // namespace

ErrorReports::ErrorReports(const config::Settings& settings, const std::string& version, telemetry::Log& log)
    : log_(log),
      version_(version),
      release_(settings.error_reports.release.empty() ? fmt::format("temperature-service@{}", version)
                                                      : settings.error_reports.release),
      environment_(settings.error_reports.environment) {}

ErrorReports::~ErrorReports() {
  log_.observe_errors(nullptr);
}

Result<std::unique_ptr<ErrorReports>> ErrorReports::open(const config::Settings& settings, const std::string& version,
                                                         telemetry::Log& log) {
  std::unique_ptr<ErrorReports> made(new ErrorReports(settings, version, log));
  const auto text = dsn_text(settings.error_reports);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return made;
  const auto dsn = reports::parse_dsn(*text);
  if (!dsn) return std::unexpected(dsn.error());
  if (auto started = made->start(*dsn); !started) return std::unexpected(std::move(started.error()));
  return made;
}

Result<void> ErrorReports::start(const reports::Dsn& dsn) {
  auto sender = reports::CurlSender::create(dsn, version_);
  if (!sender) return std::unexpected(std::move(sender.error()));
  const auto say = [this](const std::string& message, const std::string& reason) {
    if (reason.empty()) return log_.note(message);
    log_.warn(message, {{"reason", reason}});
  };
  reporter_ = std::make_unique<reports::Reporter>(
      reports::ReporterOptions{.origin = reports::origin_of_this_process(version_), .say = say}, std::move(*sender),
      figures_);
  log_.note("errors and crashes are reported to Sentry",
            {{"host", dsn.host}, {"release", release_}, {"environment", environment_}});
  if (!dsn.encrypted && !dsn.loopback) {
    log_.warn("error reports go over the network as anybody can read and change them: the DSN says http",
              {{"host", dsn.host}});
  }
  log_.observe_errors(this);
  return {};
}

reports::Event ErrorReports::event(std::string_view message, std::string_view code) const {
  return {.id = reports::new_event_id(),
          .time = SystemClock().now(),
          .release = release_,
          .environment = environment_,
          .message = reports::without_personal_data(message),
          .code = std::string(code),
          .repeated = 0,
          .crash = {}};
}

void ErrorReports::failed(std::string_view message, Fields fields) noexcept {
  try {
    const auto code = std::ranges::find(fields, kCode, &Fields::value_type::first);
    reporter_->report(event(message, code == fields.end() ? std::string_view() : code->second.text()));
  } catch (const std::exception&) {
    ++figures_.queue_full;
  }
}

void ErrorReports::start_failed(ErrorCode code) {
  if (reporter_) reporter_->report(event("the service could not start, or recover", traits(code).code));
}

void ErrorReports::watch_crashes(const std::filesystem::path& data_dir) {
  for (const reports::CrashFile& file : reports::crash_files_in(data_dir)) take_up(file);
  if (!reports::handle_crashes({.folder = data_dir, .release = release_, .environment = environment_})) {
    log_.warn("a crash will leave no record: the data folder cannot be read");
  }
}

void ErrorReports::take_up(const reports::CrashFile& file) {
  if (!file.record) {
    log_.warn("the record of a crash cannot be read: it is removed", {{"file", file.path.string()}});
    return remove(file.path);
  }
  reports::Event crash = reports::event_of(*file.record);
  log_.warn("the service crashed when it was used last",
            {{"signal", std::string(reports::name_of_signal(crash.crash->signal))},
             {"time", format_timestamp(crash.time)},
             {"release", crash.release},
             {"rule", crash.crash->reason},
             {"build_id", build_id_of(*crash.crash)},
             {"at", reports::places_of(*crash.crash, kPlacesShown)}});
  if (!reporter_) return remove(file.path);
  reporter_->report(std::move(crash), [this, path = file.path](reports::Reporter::Kept kept) {
    if (kept == reports::Reporter::Kept::no) remove(path);
  });
}

void ErrorReports::remove(const std::filesystem::path& file) const {
  std::error_code error;
  std::filesystem::remove(file, error);
  if (!error) return;
  log_.warn("the record of a crash cannot be removed", {{"file", file.string()}, {"reason", error.message()}});
}

void ErrorReports::finish(std::chrono::milliseconds at_most) {
  if (reporter_) reporter_->finish(at_most);
}

}  // namespace temperature::app
