#include "http/server.h"

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <thread>

#include "base/check.h"
#include "http/address_count.h"
#include "http/aside.h"
#include "http/router.h"
#include "http/session.h"
#include "http/tls.h"
#include "http/worker.h"

namespace temperature::http {
namespace {

namespace asio = boost::asio;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptRetry{100};  // after running out of descriptors
constexpr std::chrono::milliseconds kDrainPoll{5};

}  // namespace

struct Server::Parts {
  Parts(ServerOptions its_options, access::Gate& its_gate, const Tls* its_tls)
      : options(std::move(its_options)),
        gate(its_gate),
        tls(its_tls),
        addresses(options.connections_per_address_max),
        aside(options.large_threads, options.threads) {
    for (std::size_t i = 0; i < options.threads; ++i) workers.push_back(std::make_unique<Worker>(i));
    acceptor.emplace(workers.front()->context().get_executor());
    retry.emplace(workers.front()->context().get_executor());
  }

  [[nodiscard]] std::size_t connections() const {
    std::size_t sum = 0;
    for (const auto& worker : workers) sum += worker->sessions();
    return sum;
  }

  ServerOptions options;
  access::Gate& gate;
  const Tls* tls;
  AddressCount addresses;
  Aside aside;
  std::unique_ptr<Router> router;
  std::unique_ptr<Shared> shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<Acceptor> acceptor;
  std::optional<
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>>
      retry;
  std::size_t next_worker = 0;
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> refused_of_address{0};
  ProxyFigures proxy_figures;
  bool serving = false;
};

Server::Server(ServerOptions options, access::Gate& gate, const Tls* tls)
    : parts_(std::make_unique<Parts>(std::move(options), gate, tls)) {}

Server::~Server() {
  stop({});
}

Result<void> Server::bind() {
  const ServerOptions& options = parts_->options;
  const auto failed = [&options](std::string_view what, const error_code& error) {
    return failure(ErrorCode::startup, fmt::format("cannot listen on {}:{}: {} ({})", options.address, options.port,
                                                   what, error.message()));
  };
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return failed("this is no IP address", error);
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  Acceptor& acceptor = *parts_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (error) return failed("no socket", error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (error == asio::error::address_in_use) {
    return failed("another program has the port; stop it or choose another one with --listen", error);
  }
  if (error) return failed("the address cannot be used", error);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failed("the port cannot be used", error);
  return {};
}

std::uint16_t Server::port() const {
  error_code ignored;
  return parts_->acceptor->local_endpoint(ignored).port();
}

void Server::serve(const std::vector<Route>& routes) {
  Parts& parts = *parts_;
  CHECK(!parts.serving);
  parts.serving = true;
  parts.router = std::make_unique<Router>(routes);
  parts.shared = std::make_unique<Shared>(parts.options, *parts.router, parts.gate, parts.aside, parts.addresses,
                                          parts.proxy_figures);
  parts.aside.start();
  for (const auto& worker : parts.workers) worker->start();
  asio::post(parts.workers.front()->context(), [this] { accept(); });
}

void Server::accept() {
  Parts& parts = *parts_;
  Worker& worker = *parts.workers[parts.next_worker++ % parts.workers.size()];
  parts.acceptor->async_accept(worker.context().get_executor(), [this, &worker](error_code error, Socket socket) {
    Parts& its = *parts_;
    if (!its.acceptor->is_open()) return;
    if (error) {
      its.retry->expires_after(kAcceptRetry);
      its.retry->async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    if (its.connections() >= its.options.connections_max) {
      its.refused.fetch_add(1, std::memory_order_relaxed);
      socket.close(error);
      return accept();
    }
    const auto remote = socket.remote_endpoint(error);
    if (error) return accept();  // gone already
    // A proxy has as many as its clients need; those are counted where it tells who they are.
    const bool proxy = its.options.proxies.contains(remote.address());
    auto ticket = proxy ? AddressCount::Ticket() : its.addresses.enter(remote.address());
    if (!ticket && !proxy) {
      its.refused_of_address.fetch_add(1, std::memory_order_relaxed);
      socket.close(error);
      return accept();
    }
    asio::post(worker.context(), [this, &worker, peer = std::move(socket), address = remote.address(),
                                  its_ticket = std::move(ticket)]() mutable {
      if (worker.draining()) return;
      auto tls = parts_->tls == nullptr ? nullptr : parts_->tls->context();
      std::make_shared<Session>(worker, *parts_->shared, std::move(peer), tls, address, std::move(its_ticket))->start();
    });
    accept();
  });
}

void Server::stop(std::chrono::steady_clock::duration patience) {
  Parts& parts = *parts_;
  if (!parts.serving) return;
  parts.serving = false;
  asio::post(parts.workers.front()->context(), [&parts] {
    error_code ignored;
    parts.acceptor->close(ignored);
    parts.retry->cancel();
  });
  for (const auto& worker : parts.workers) worker->post_drain();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (parts.connections() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kDrainPoll);
  }
  for (const auto& worker : parts.workers) worker->post_close();
  for (const auto& worker : parts.workers) worker->join();
  parts.aside.stop();
}

const ServerOptions& Server::options() const {
  return parts_->options;
}
const Router& Server::router() const {
  return *parts_->router;
}
std::chrono::steady_clock::time_point Server::last_sign_of_life() const {
  auto oldest = std::chrono::steady_clock::time_point::max();
  for (const auto& worker : parts_->workers) oldest = std::min(oldest, worker->last_sweep());
  return oldest;
}
std::size_t Server::connections() const {
  return parts_->connections();
}
std::uint64_t Server::connections_refused() const {
  return parts_->refused.load(std::memory_order_relaxed);
}
std::uint64_t Server::connections_refused_of_address() const {
  return parts_->refused_of_address.load(std::memory_order_relaxed) +
         parts_->proxy_figures.refused_of_address.load(std::memory_order_relaxed);
}
std::uint64_t Server::connections_refused_of_proxies() const {
  return parts_->proxy_figures.refused_broken.load(std::memory_order_relaxed);
}

}  // namespace temperature::http
