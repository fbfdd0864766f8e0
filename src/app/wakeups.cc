#include "app/wakeups.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <system_error>

namespace temperature::app {
namespace {

sigset_t block(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

int signals_that_come(const sigset_t& set) {
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

Wakeups::Wakeups()
    : signals_(signals_that_come(block({SIGTERM, SIGINT, SIGHUP}))), woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (const int signal : {SIGUSR1, SIGUSR2, SIGPIPE}) std::signal(signal, SIG_IGN);
  if (!signals_.opened() || !woken_.opened()) {
    throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
  }
}

void Wakeups::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(woken_.get(), &one, sizeof one));
}

Wakeups::Reason Wakeups::wait(std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() < 0) return Reason::time;
    std::array<pollfd, 2> sources{{{woken_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    if (::poll(sources.data(), sources.size(), static_cast<int>(left.count())) <= 0) continue;  // or interrupted
    if (sources[0].revents != 0) {
      std::uint64_t times = 0;
      static_cast<void>(::read(woken_.get(), &times, sizeof times));
      return Reason::woken;
    }
    signalfd_siginfo signal{};
    if (::read(signals_.get(), &signal, sizeof signal) != sizeof signal) continue;
    return signal.ssi_signo == SIGHUP ? Reason::reload : Reason::stop;
  }
}

}  // namespace temperature::app
