#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"

namespace temperature::client {

struct StubRequest {
  std::string line;                            // "POST /v1/readings HTTP/1.1"
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body = {};
  int connection = 0;  // counted from 1
};

struct StubAnswer {
  int status = 200;
  std::string body = {};
  std::string headers = {};  // whole lines, "Retry-After: 1\r\n"
  bool hang_up = false;      // close the connection instead of answering
  bool cut = false;          // close it before the last byte
};

// A service for tests: HTTP/1.1 on a loopback port of its own, one connection after the other or side by side.
// What it answers is the test's; requests are kept.
class StubService {
 public:
  using Answerer = std::function<StubAnswer(const StubRequest&)>;

  explicit StubService(Answerer answerer) : answerer_(std::move(answerer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::listen(listener_, 64) == 0);
    CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~StubService() {
    stopping_ = true;
    acceptor_.join();  // no more connections come
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
  }

  StubService(const StubService&) = delete;
  StubService& operator=(const StubService&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] std::vector<StubRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  // Waits until there is something to read; false when the service stops.
  bool readable(int descriptor) const {
    while (!stopping_) {
      pollfd entry{descriptor, POLLIN, 0};
      if (::poll(&entry, 1, 20) > 0) return true;
    }
    return false;
  }

  void accept_all() {
    int connections = 0;
    while (readable(listener_)) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection >= 0)
        connections_.emplace_back([this, connection, number = ++connections] { serve(connection, number); });
    }
  }

  bool read_more(int connection, std::string& bytes) const {
    if (!readable(connection)) return false;
    char piece[65'536];
    const ssize_t count = ::recv(connection, piece, sizeof piece, 0);
    if (count <= 0) return false;
    bytes.append(piece, static_cast<std::size_t>(count));
    return true;
  }

  bool read_request(int connection, std::string& bytes, StubRequest& request) const {
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more(connection, bytes)) return false;
    }
    request.line = bytes.substr(0, bytes.find("\r\n"));
    for (std::size_t at = request.line.size() + 2; at < end + 2;) {
      const std::size_t line_end = bytes.find("\r\n", at);
      const std::size_t colon = bytes.find(": ", at);
      std::string name = bytes.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      request.headers[name] = bytes.substr(colon + 2, line_end - colon - 2);
      at = line_end + 2;
    }
    const std::string said = request.headers["content-length"];
    const std::size_t length = said.empty() ? 0 : std::stoul(said);
    while (bytes.size() < end + 4 + length) {
      if (!read_more(connection, bytes)) return false;
    }
    request.body = bytes.substr(end + 4, length);
    bytes.erase(0, end + 4 + length);
    return true;
  }

  // As the service's answers are of, where the test says nothing else.
  static std::string type_of(const StubRequest& request, const StubAnswer& answer) {
    if (answer.headers.find("Content-Type:") != std::string::npos) return "";
    const bool rows = answer.status == 200 && request.line.find("format=ndjson") != std::string::npos;
    return std::string("Content-Type: application/") + (rows ? "x-ndjson" : "json") + "\r\n";
  }

  void serve(int connection, int number) {
    std::string bytes;
    for (;;) {
      StubRequest request;
      request.connection = number;
      if (!read_request(connection, bytes, request)) break;
      StubAnswer answer;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        answer = answerer_(request);
      }
      if (answer.hang_up) break;
      const std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\n" + answer.headers +
                               type_of(request, answer) + "Content-Length: " + std::to_string(answer.body.size()) +
                               "\r\n\r\n" + answer.body;
      const std::size_t size = text.size() - (answer.cut ? 1 : 0);
      if (::send(connection, text.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) break;
    }
    ::close(connection);
  }

  Answerer answerer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<StubRequest> requests_;
  std::vector<std::thread> connections_;  // the acceptor's own until it has ended
  std::thread acceptor_;
};

}  // namespace temperature::client
