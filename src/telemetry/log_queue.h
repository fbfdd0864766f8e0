#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/sizes.h"

namespace temperature::limits {

// Lines of the log that wait until they can be written; further ones are dropped and counted.
inline constexpr std::size_t kLogLinesMax = 4'096;
// Bytes of these lines; further ones are dropped and counted.
inline constexpr std::size_t kLogBytesMax = kMiB;
// Milliseconds that the end of the process waits for the log's last lines; what nobody takes by then is lost.
inline constexpr std::chrono::milliseconds kLogEndWait{1'000};
// Milliseconds without anybody taking a byte of the log after which its end is not waited for any longer.
inline constexpr std::chrono::milliseconds kLogStandstill{400};

}  // namespace temperature::limits

namespace temperature::telemetry {

struct LogQueueOptions {
  int descriptor;  // is not closed; nor made non-blocking, for it may be others' too
  std::size_t lines_max = limits::kLogLinesMax;
  std::size_t bytes_max = limits::kLogBytesMax;
  // The line that says how many were dropped, with its end. One call at a time, on any thread, also after the queue's
  // end: it owns what it needs. May throw std::bad_alloc.
  std::function<std::string(std::uint64_t dropped)> say_dropped;
};

// Hands lines on to a descriptor that may be a pipe nobody reads, a terminal that was stopped, or closed. Only a thread
// of its own ever waits for that. What does not fit, or cannot be written, is dropped and counted, and a line says so
// once others come through again. Thread-safe.
class LogQueue {
 public:
  // Without a thread, when none can be started: then lines are written at once where there is room, or dropped.
  explicit LogQueue(LogQueueOptions options);
  // flush(limits::kLogEndWait). A thread that hangs in a write is left behind, with all that it needs.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // One or several lines, the last one with its end, written together. Waits for nobody. May throw std::bad_alloc.
  void add(std::string lines);
  // One that could not even be made.
  void drop();

  // Waits until all is written; at most so long, and hardly when nobody has taken anything for limits::kLogStandstill.
  // False: it is not.
  bool flush(std::chrono::milliseconds at_most);

  // Since the start: what did not fit, and what could not be written.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace temperature::telemetry
