#pragma once

#include <chrono>
#include <cstdint>

#include "base/descriptor.h"

namespace temperature::app {

// What the thread that serves waits for: signals, and other threads. SIGTERM, SIGINT and SIGHUP do nothing of their
// own from the start of its life on; SIGUSR1, SIGUSR2 and SIGPIPE are ignored. To be made before any other thread is,
// since threads inherit that; it lasts as long as the process.
class Wakeups {
 public:
  // Throws std::system_error when there is no descriptor left.
  Wakeups();
  Wakeups(const Wakeups&) = delete;
  Wakeups& operator=(const Wakeups&) = delete;

  enum class Reason : std::uint8_t {
    stop,    // SIGTERM or SIGINT
    reload,  // SIGHUP
    woken,   // wake() was called
    time,    // nothing of these came in the time given
  };
  // One of those that came. From one thread.
  Reason wait(std::chrono::milliseconds at_most);

  // From any thread.
  void wake();

 private:
  const Descriptor signals_;
  const Descriptor woken_;
};

}  // namespace temperature::app
