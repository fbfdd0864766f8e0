#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access/gate.h"
#include "base/error.h"
#include "http/memory_bounds.h"
#include "http/message.h"
#include "http/origin_rules.h"
#include "http/trusted_proxies.h"

namespace temperature::limits {

// Connections at once; a further one is closed.
inline constexpr std::size_t kConnectionsMax = 16'384;
// Seconds in which a request's headers must arrive; then the request is refused (request_timeout) and the connection
// closed.
inline constexpr std::chrono::seconds kHeaderTimeout{10};
// Seconds in which a request's body must arrive; then it is refused (request_timeout) and the connection closed.
inline constexpr std::chrono::seconds kBodyTimeout{60};
// Seconds that a connection may stay open without a request; then it is closed.
inline constexpr std::chrono::seconds kIdleTimeout{75};
// Seconds in which a client must take its answer, or a piece of a long one; then the connection is closed.
inline constexpr std::chrono::seconds kWriteTimeout{60};

}  // namespace temperature::limits

namespace temperature::http {

class RequestLog;
class Router;
class Tls;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;      // 0: a free one
  std::size_t threads = 1;        // of the connections
  std::size_t large_threads = 1;  // on which requests with large bodies are handled
  OriginRules origins;
  TrustedProxies proxies;
  RequestLog* request_log = nullptr;  // outlives the server; nullptr: nobody is told
  bool access_log = false;            // it is told of answers, too
  std::size_t connections_max = limits::kConnectionsMax;
  std::size_t bodies_bytes_max = limits::kBodiesBytesMax;  // of all requests in flight, and of one body
  std::size_t scratch_body_bytes = SIZE_MAX;               // Exchange::scratch_body_bytes
  std::size_t connections_per_address_max = 0;             // 0: any number
  std::chrono::steady_clock::duration header_timeout = limits::kHeaderTimeout;
  std::chrono::steady_clock::duration body_timeout = limits::kBodyTimeout;
  std::chrono::steady_clock::duration idle_timeout = limits::kIdleTimeout;
  std::chrono::steady_clock::duration write_timeout = limits::kWriteTimeout;

  // So many threads call doors: Exchange::thread is below it.
  [[nodiscard]] std::size_t door_threads() const { return threads + large_threads; }
};

// An HTTP/1.1 server: one thread accepts and deals the connections round to all threads, each with
// its own event loop. Requests with large bodies are handled on further threads. bind(), serve(), stop() in this order,
// from one thread.
class Server {
 public:
  // `gate` and `tls` must outlive the server. With `tls` every connection is encrypted; nullptr: none is.
  Server(ServerOptions options, access::Gate& gate, const Tls* tls = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const ServerOptions& options() const;

  // Takes the port; connections wait until serve(). Error startup: names the address and the reason.
  Result<void> bind();
  [[nodiscard]] std::uint16_t port() const;

  // The doors must outlive the server.
  void serve(const std::vector<Route>& routes);

  // No new connections; requests in flight are answered, for at most `patience`; then all is closed.
  void stop(std::chrono::steady_clock::duration patience);

  // The figures of each route, and of requests without one. From serve() on, any thread.
  [[nodiscard]] const Router& router() const;
  // Since when a thread of the connections may have been held up; a moment ago when none is.
  [[nodiscard]] std::chrono::steady_clock::time_point last_sign_of_life() const;
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::uint64_t connections_refused() const;             // there were too many
  [[nodiscard]] std::uint64_t connections_refused_of_address() const;  // its address had too many
  [[nodiscard]] std::uint64_t connections_refused_of_proxies() const;  // they began with a PROXY header that is broken

 private:
  struct Parts;
  void accept();

  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::http
