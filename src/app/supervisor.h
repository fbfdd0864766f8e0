#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"

namespace temperature::app {

// systemd, or who speaks its protocol: it is told how the service is, by datagrams to the socket that $NOTIFY_SOCKET
// names (sd_notify(3), "Notes", describes them as a stable interface). Without that variable all of this does nothing.
// What cannot be sent is lost; nothing waits. From one thread.
class Supervisor {
 public:
  // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no child of this process speaks
  // in its name. Before any other thread is started.
  Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // How often it wants a sign of life; nullopt: it wants none.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  void ready(std::string_view status);  // also after reloading()
  void stopping(std::string_view status);
  void reloading();
  void alive();  // for watchdog()
  // Still starting or stopping: it may take so much longer from now on.
  void extend(std::chrono::microseconds by, std::string_view status);

 private:
  void send(const std::string& message) const;

  std::string address_;  // as a socket has it; empty: nobody wants to know
  std::optional<Descriptor> socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace temperature::app
