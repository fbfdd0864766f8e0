#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/sizes.h"
#include "telemetry/log_queue.h"

namespace spdlog {
class logger;
}

namespace temperature::limits {

// Bytes of a message of the log, and of the value of a field; the rest is cut off.
inline constexpr std::size_t kLogTextBytesMax = 16 * kKiB;

}  // namespace temperature::limits

namespace temperature::telemetry {

enum class LogFormat : std::uint8_t { text, json };

// Lines of a level below that of the log are left out.
enum class LogLevel : std::uint8_t { debug, info, warning, error };

// Is told of errors, beside the log.
class ErrorObserver {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;
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
  explicit Log(LogFormat format, LogLevel level = LogLevel::info, int descriptor = STDERR_FILENO);
  ~Log();  // waits for what is not written yet, limits::kLogEndWait at most
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // What somebody wants to know who looks for something, and nobody else: there may be many of them.
  void debug(std::string_view message, Fields fields = {}) const;
  void note(std::string_view message, Fields fields = {}) const;
  void warn(std::string_view message, Fields fields = {}) const;
  // The message is the program's own, and says nothing that was sent or read: fields do. An observer may tell others.
  void error(std::string_view message, Fields fields = {}) const;
  // The last line of a program that cannot do what it was asked to: in text "temperature-service: MESSAGE", as all
  // commands say it, else as error() does.
  void fail(std::string_view message) const;
  // Whether such lines are written: before making many that are not.
  [[nodiscard]] bool says(LogLevel level) const { return level >= level_; }

  // Lines for a person in front of a terminal, among the others, each with its end; nothing when there is none, or the
  // format is not text.
  void show(std::string_view lines) const;
  [[nodiscard]] bool is_shown() const { return shown_; }

  // Waits until all is written, before the process is ended without its destructors.
  void flush(std::chrono::milliseconds at_most = limits::kLogEndWait) const;

  // Tells it of errors from now on; nullptr: nobody. It outlives the last of them.
  void observe_errors(ErrorObserver* observer) { observer_.store(observer); }

  // Lines that did not fit into the queue, or could not be written.
  [[nodiscard]] std::uint64_t dropped() const { return queue_->dropped(); }

 private:
  void write(LogLevel level, std::string_view message, Fields fields) const;

  const LogFormat format_;
  const LogLevel level_;
  const bool shown_;
  std::shared_ptr<LogQueue> queue_;
  std::shared_ptr<spdlog::logger> logger_;
  std::atomic<ErrorObserver*> observer_{nullptr};
};

}  // namespace temperature::telemetry
