#include "app/serve.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>
#include <typeinfo>

#include "app/error_reports.h"
#include "app/process.h"
#include "app/service.h"
#include "base/last_words.h"
#include "telemetry/log.h"

namespace temperature::app {
namespace {

constexpr int kExitUsage = 2;
constexpr std::chrono::milliseconds kForReports{1'000};  // that wait when the service ends

telemetry::LogFormat format_of(config::LogFormat format) {
  return format == config::LogFormat::json ? telemetry::LogFormat::json : telemetry::LogFormat::text;
}

telemetry::LogLevel level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::debug:
      return telemetry::LogLevel::debug;
    case config::LogLevel::info:
      return telemetry::LogLevel::info;
    case config::LogLevel::warning:
      return telemetry::LogLevel::warning;
    case config::LogLevel::error:
      break;
  }
  return telemetry::LogLevel::error;
}

// The standard library's would write to standard error past the log.
[[noreturn]] void nobody_caught_it() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    // What it says may be about somebody's data: it stays on this machine, and its type is reported.
    say_last_words("an exception that nobody expected: ", error.what());
    end_with_last_words("ended by an exception that nobody expected: ", typeid(error).name());
  } catch (...) {
    end_with_last_words("ended by an exception that nobody expected");
  }
  end_with_last_words("ended by std::terminate()");
}

int fail(const Error& error, const telemetry::Log& log) {
  log.fail(error.detail);
  return error.code == ErrorCode::usage ? kExitUsage : 1;
}

int run(const config::Settings& settings, const std::string& version, telemetry::Log& log) {
  const char* failed = nullptr;
  const auto reports = ErrorReports::open(settings, version, log);
  if (!reports) return fail(reports.error(), log);
  Service service(settings, version, log, **reports);
  try {
    const auto ran = service.run();
    const int status = ran ? 0 : fail(ran.error(), log);
    if (!ran) (*reports)->start_failed(ran.error().code);
    (*reports)->finish(std::min(kForReports, std::chrono::milliseconds(settings.stop_timeout / 8)));
    return status;
  } catch (const std::bad_alloc&) {
    failed = kNoMemory;
  } catch (const std::system_error&) {
    failed = kNoThread;
  }
  // Threads may run: nothing is taken down. The files are as safe as after a kill.
  log.flush();
  say_last_words(failed);
  std::_Exit(1);
}

}  // namespace

int serve(const config::Settings& settings, const std::string& version) {
  const telemetry::LogSource source{version, settings.environment};
  say_last_words_as_json(settings.log_format == config::LogFormat::json, telemetry::members_of(source));
  std::set_terminate(nobody_caught_it);
  try {
    telemetry::Log log(format_of(settings.log_format), level_of(settings.log_level), STDERR_FILENO, source);
    try {
      return run(settings, version, log);
    } catch (const std::system_error& error) {  // before there was anything
      log.fail(error.what());
    }
  } catch (const std::bad_alloc&) {
    say_last_words(kNoMemory);
  }
  return 1;
}

void say_why_not(config::LogFormat format, const telemetry::LogSource& source, std::string_view why) {
  say_last_words_as_json(format == config::LogFormat::json, telemetry::members_of(source));
  try {
    telemetry::Log(format_of(format), telemetry::LogLevel::info, STDERR_FILENO, source).fail(why);
  } catch (const std::bad_alloc&) {
    say_last_words(kNoMemory);
  }
}

}  // namespace temperature::app
