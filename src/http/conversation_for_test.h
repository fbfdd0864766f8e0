#pragma once

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/open_gate.h"
#include "base/check.h"
#include "base/keyed_hash.h"
#include "http/address_count.h"
#include "http/aside.h"
#include "http/message.h"
#include "http/router.h"
#include "http/session.h"
#include "http/worker.h"

// A client's conversation with a session over a pair of sockets, on one thread that decides when something happens. The
// door says what it was asked.
namespace temperature::http {

inline constexpr std::chrono::seconds kPatience{20};
inline constexpr std::chrono::milliseconds kPause{5};
inline constexpr std::size_t kPieceBytes = 3'000;
inline constexpr int kSocketBytes = 8'192;  // a few answers fill it
inline constexpr std::string_view kRefusedCredential = "nobody";

struct Handled {
  Method method;
  std::string path;
  std::string query;
  std::string body;
  bool operator==(const Handled&) const = default;
};

// Numbers its answers and says in each what it was asked. The path decides how it answers.
class EchoDoor final : public Door {
 public:
  explicit EchoDoor(Worker& worker) : worker_(worker) {}

  void handle(Exchange& exchange) override {
    std::unique_lock lock(mutex_);
    const Request& request = exchange.request;
    handled_.push_back({request.method, request.path, request.query, request.body});
    Response& response = exchange.response;
    response.content_type = "text/plain";
    response.headers.emplace_back("X-Number", std::to_string(handled_.size()));
    response.body = echo(handled_.back());
    const bool later = request.path.starts_with("/later");
    if (request.path.ends_with("/pieces")) response.more = [left = 3](Exchange& its) mutable { send(its, --left); };
    if (request.path.ends_with("/broken")) response.more = [](Exchange& its) { send(its, -1); };
    lock.unlock();
    if (!later) return exchange.finish();
    boost::asio::post(worker_.context(), [&exchange] { exchange.finish(); });
  }

  static std::string echo(const Handled& request) {
    return fmt::format("{} {} {} {}", method_name(request.method), request.path.size(), request.query.size(),
                       keyed_hash(request.path + '\0' + request.query + '\0' + request.body));
  }
  static std::string whole(const Handled& request) {
    return echo(request) + std::string(request.path.ends_with("/pieces") ? 3 * kPieceBytes : 0, 'p');
  }

  std::vector<Handled> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(handled_, {});
  }

 private:
  static void send(Exchange& exchange, int left) {
    exchange.piece.assign(kPieceBytes, 'p');
    if (left == 0) exchange.piece_is = Piece::last;
    if (left < 0) exchange.piece_is = Piece::broken;
    exchange.finish();
  }

  Worker& worker_;
  std::mutex mutex_;
  std::vector<Handled> handled_;
};

// Refuses one credential.
class OneGate final : public access::Gate {
 public:
  [[nodiscard]] access::Admitted admit(const access::Presented& presented, access::Need need,
                                       access::Visit& visit) override {
    if (presented.authorization != kRefusedCredential) return open_.admit(presented, need, visit);
    return std::unexpected(access::Refusal{{ErrorCode::credential_invalid, "nobody is not let in"}, {}});
  }
  [[nodiscard]] std::optional<access::Limited> charge(const access::Principal& principal, std::size_t count) override {
    return open_.charge(principal, count);
  }

 private:
  access::OpenGate open_;
};

// What all sessions share: a worker on the caller's thread, and one thread aside.
struct World {
  World() {
    worker.start_here();
    aside.start();
  }
  ~World() {
    aside.stop();
    worker.post_close();
    worker.context().poll();
  }

  static std::vector<Route> routes(Door& door) {
    std::vector<Route> routes;
    for (const Method method : {Method::get, Method::post, Method::put, Method::delete_}) {
      for (const std::string_view path : {"/", "/{id}"}) routes.push_back({method, path, access::Need::write, &door});
    }
    routes.push_back({Method::post, "/must", access::Need::write, &door, nullptr, Body::must_be});
    return routes;
  }

  ServerOptions options;
  Worker worker{0};
  EchoDoor door{worker};
  OneGate gate;
  Router router{routes(door)};
  Aside aside{1, 1};
  AddressCount addresses{0};
  ProxyFigures proxies;
  Shared shared{options, router, gate, aside, addresses, proxies};
};

inline World& world() {
  static World its;
  return its;
}

// One connection, from the client's side.
class Conversation {
 public:
  Conversation() {
    std::array<int, 2> ends{};
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ours_ = ends[0];
    for (const int end : ends) CHECK(::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes) == 0);
    Socket socket(world().worker.context().get_executor());
    socket.assign(boost::asio::ip::tcp::v4(), ends[1]);
    auto session = std::make_shared<Session>(world().worker, world().shared, std::move(socket), nullptr,
                                             boost::asio::ip::make_address("192.0.2.1"), AddressCount::Ticket());
    session_ = session;
    session->start();
  }
  ~Conversation() {
    leave();
    CHECK(session_.expired());
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Sends, and lets the session do what it can. False: nobody reads any more.
  bool send(std::string_view bytes) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!bytes.empty()) {
      const ssize_t sent = ::send(ours_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (!go_on() && sent < 0) wait(deadline);
    }
    return true;
  }

  // Sends nothing more and reads to the end, which comes.
  void finish() {
    ::shutdown(ours_, SHUT_WR);
    until_the_end();
  }
  void leave() {
    if (ours_ < 0) return;
    ::close(ours_);
    ours_ = -1;
    until_the_end();
  }
  // Every time limit of the session passes.
  void take_too_long() {
    if (auto session = session_.lock()) session->sweep(std::chrono::steady_clock::time_point::max());
    go_on();
  }
  void drain() {
    if (auto session = session_.lock()) session->drain();
    go_on();
  }

  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  // False: there was nothing to do.
  bool go_on() {
    bool any = false;
    while (world().worker.context().poll() > 0 || hear()) any = true;
    return any;
  }

  bool hear() {
    if (ours_ < 0) return false;
    std::array<char, 4096> piece{};
    const ssize_t count = ::recv(ours_, piece.data(), piece.size(), 0);
    if (count > 0) heard_.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  static void wait(std::chrono::steady_clock::time_point deadline) {
    CHECK(std::chrono::steady_clock::now() < deadline);
    world().worker.context().run_one_for(kPause);  // the thread aside has something to do
  }

  void until_the_end() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!session_.expired()) {
      if (!go_on() && !session_.expired()) wait(deadline);
    }
    while (hear()) {
    }
  }

  int ours_ = -1;
  std::weak_ptr<Session> session_;
  std::string heard_;
};

}  // namespace temperature::http
