#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sizes.h"
#include "base/trace_context.h"
#include "telemetry/log_level.h"
#include "telemetry/log_queue.h"
#include "telemetry/repeats.h"

namespace spdlog {
class logger;
}

namespace temperature::limits {

// Bytes of a message of the log, and of the value of a field; the rest is cut off.
inline constexpr std::size_t kLogTextBytesMax = 16 * kKiB;

}  // namespace temperature::limits

namespace temperature::telemetry {

enum class LogFormat : std::uint8_t { text, json };

// Which program writes a log, and where. Without a version nothing is said of it.
struct LogSource {
  std::string version;
  std::string environment;
};

// The members that every line of JSON has at its end, as JSON, with a comma before each: what OpenTelemetry calls them
// (service.name, service.version, deployment.environment.name), and what Datadog reads (dd.service, dd.version,
// dd.env).
std::string members_of(const LogSource& source);

// The value of a field: a text, or a number, which is one in JSON too.
class LogValue {
 public:
  LogValue(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  LogValue(std::string_view text) : text_(text) {}        // NOLINT(google-explicit-constructor)
  LogValue(const char* text) : text_(text) {}             // NOLINT(google-explicit-constructor)
  LogValue(std::unsigned_integral auto number)            // NOLINT(google-explicit-constructor)
      : text_(std::to_string(number)), is_number_(true) {}
  // Seconds, to the microsecond.
  LogValue(std::chrono::nanoseconds time);  // NOLINT(google-explicit-constructor)

  // A text, and no field at all when it is empty.
  static LogValue if_any(std::string_view text) {
    LogValue value(text);
    value.is_left_out_ = text.empty();
    return value;
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_left_out() const { return is_left_out_; }
  [[nodiscard]] bool is_number() const { return is_number_; }

 private:
  std::string text_;
  bool is_number_ = false;
  bool is_left_out_ = false;
};

class RepeatGuard;

// Is told of errors, beside the log.
class ErrorObserver {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, LogValue>>;
  virtual ~ErrorObserver() = default;
  // As Log::error() was told, on its caller's thread, who must not wait. Says nothing to that log.
  virtual void failed(std::string_view message, Fields fields) noexcept = 0;
};

// What the program has to say to who runs it, on standard error: one line each, as text or JSON.
// Fields are appended as name=value, or as members of the object. Nobody waits for a line to be written (LogQueue), and
// text of others makes no lines of its own, nor anything that a terminal obeys. Thread-safe; throws nothing: a line for
// which there is no memory counts as dropped.
class Log {
 public:
  using Fields = ErrorObserver::Fields;

  // `descriptor` outlives it.
  explicit Log(LogFormat format, LogLevel level = LogLevel::info, int descriptor = STDERR_FILENO,
               const LogSource& source = {});
  ~Log();  // say_repeats(), and waits for what is not written yet, limits::kLogEndWait at most
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // What somebody wants to know who looks for something, and nobody else: there may be many of them.
  // `trace`: of the request that the line belongs to; without ids it has no fields for them.
  void debug(std::string_view message, Fields fields = {}, const TraceIds& trace = {}) const;
  void note(std::string_view message, Fields fields = {}, const TraceIds& trace = {}) const;
  void warn(std::string_view message, Fields fields = {}, const TraceIds& trace = {}) const;
  // The message is the program's own, and says nothing that was sent or read: fields do. An observer may tell others.
  void error(std::string_view message, Fields fields = {}, const TraceIds& trace = {}) const;
  // What may come ten thousand times a second: a request or a connection that failed, never a change of state. The
  // first of its level, message and code within limits::kRepeatWindow is written, the others are counted, and a line
  // with the field `repeated` says how many there were. `fields` need not name the code. One of level error that is
  // written is as error() says it.
  void event(LogLevel level, std::string_view message, std::string_view code, Fields fields = {},
             const TraceIds& trace = {}) const;
  // Says of which events there were more, when their time has come: once every second or so; and all of them, before
  // the last words of the service.
  void say_due_repeats() const;
  void say_repeats() const;
  // A line of the access log, whatever the level of the log is.
  void access(LogLevel level, std::string_view message, Fields fields, const TraceIds& trace) const;
  // The last line of a program that cannot do what it was asked to: in text "temperature-service: MESSAGE", as all
  // commands say it, else as error() does.
  void fail(std::string_view message) const;
  // Whether such lines are written: before making many that are not.
  [[nodiscard]] bool says(LogLevel level) const { return level >= level_; }

  // Lines for a person in front of a terminal, among the others, each with its end; nothing when there is none, or the
  // format is not text.
  void show(std::string_view lines) const;
  [[nodiscard]] bool is_shown() const { return shown_; }

  // say_repeats(), and waits until all is written, before the process is ended without its destructors.
  void flush(std::chrono::milliseconds at_most = limits::kLogEndWait) const;

  // Tells it of errors from now on; nullptr: nobody. It outlives the last of them.
  void observe_errors(ErrorObserver* observer) { observer_.store(observer); }

  // Lines that did not fit into the queue, or could not be written.
  [[nodiscard]] std::uint64_t dropped() const { return queue_->dropped(); }

 private:
  void write(LogLevel level, std::string_view message, Fields fields, const TraceIds& trace) const;
  void say_each(const std::vector<Repeats::Summary>& summaries) const;

  const LogFormat format_;
  const LogLevel level_;
  const bool shown_;
  const std::string members_;
  const std::unique_ptr<RepeatGuard> repeats_;
  std::shared_ptr<LogQueue> queue_;
  std::shared_ptr<spdlog::logger> logger_;
  std::atomic<ErrorObserver*> observer_{nullptr};
};

}  // namespace temperature::telemetry
