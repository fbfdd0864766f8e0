#include "app/supervisor.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace temperature::app {
namespace {

std::string taken_from_environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

Supervisor::Supervisor() {
  std::string address = taken_from_environment("NOTIFY_SOCKET");
  const auto microseconds = number(taken_from_environment("WATCHDOG_USEC"));
  const std::string process = taken_from_environment("WATCHDOG_PID");
  const bool named = address.starts_with('/') || address.starts_with('@');
  if (!named || address.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address.front() == '@') address.front() = '\0';  // an abstract one
  socket_.emplace(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_->opened()) return;
  address_ = std::move(address);
  if (microseconds && (process.empty() || number(process) == ::getpid())) {
    watchdog_ = std::chrono::microseconds(*microseconds);
  }
}

void Supervisor::ready(std::string_view status) {
  send(fmt::format("READY=1\nSTATUS={}", status));
}

void Supervisor::stopping(std::string_view status) {
  send(fmt::format("STOPPING=1\nSTATUS={}", status));
}

void Supervisor::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr std::int64_t kMicroseconds = 1'000'000;
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * kMicroseconds + now.tv_nsec / 1'000));
}

void Supervisor::alive() {
  send("WATCHDOG=1");
}

void Supervisor::extend(std::chrono::microseconds by, std::string_view status) {
  send(fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS={}", by.count(), status));
}

void Supervisor::send(const std::string& message) const {
  if (address_.empty()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  static_cast<void>(::sendto(socket_->get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), bytes));
}

}  // namespace temperature::app
