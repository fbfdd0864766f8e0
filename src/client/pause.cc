#include "client/pause.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/check.h"

namespace temperature::client {
namespace {

// A signal handler reaches nothing else. The pipe is written once and never read: it stays readable for all who wait.
std::array<int, 2> interruption_pipe{-1, -1};
std::atomic<bool> interruption{false};
std::array<struct sigaction, 2> handlers_before;
constexpr std::array kSignals{SIGINT, SIGTERM};
static_assert(std::atomic<bool>::is_always_lock_free);

void interrupt(int) {
  const int problem = errno;
  interruption = true;
  [[maybe_unused]] const ssize_t written = ::write(interruption_pipe[1], "!", 1);
  errno = problem;
}

}  // namespace

SignalPause::SignalPause() {
  CHECK(interruption_pipe[0] == -1);
  CHECK(::pipe2(interruption_pipe.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  interruption = false;
  struct sigaction action{};
  action.sa_handler = interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &handlers_before[i]);
}

SignalPause::~SignalPause() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &handlers_before[i], nullptr);
  for (int& descriptor : interruption_pipe) {
    ::close(descriptor);
    descriptor = -1;
  }
}

bool SignalPause::wait(Duration duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!interruption) {
    const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
    if (left <= Duration(0)) break;
    pollfd entry{interruption_pipe[0], POLLIN, 0};
    ::poll(&entry, 1, static_cast<int>(std::min<Duration>(left, std::chrono::hours(1)).count()));
  }
  return !interruption;
}

bool SignalPause::interrupted() const {
  return interruption;
}

}  // namespace temperature::client
