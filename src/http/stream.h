#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>

#include "http/worker.h"

namespace temperature::http {

// A connection's bytes: plain, or inside TLS. Which of the two is one branch for each operation; a plain connection
// has nothing else of TLS. As an asynchronous stream of Asio's; one thread.
class Stream {
 public:
  using executor_type = Executor;
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  // nullptr: plain.
  Stream(Socket socket, const Context& context) : socket_(std::move(socket)) {
    if (context != nullptr) tls_.emplace(socket_, *context);  // OpenSSL counts who uses the context
  }

  [[nodiscard]] bool encrypted() const { return tls_.has_value() && !ended_; }
  [[nodiscard]] Socket& socket() { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }

  // Before the first byte of an encrypted connection.
  template <class Handler>
  void async_handshake(Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
  }
  // The same when `begun` of it has arrived already; the handler hears how much of that was taken.
  template <class Buffers, class Handler>
  void async_handshake(const Buffers& begun, Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, begun, std::forward<Handler>(handler));
  }
  // Tells the client that nothing more will come. From then on the stream is what arrives, as it arrives.
  template <class Handler>
  void async_end(Handler&& handler) {
    ended_ = true;
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    socket_.async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  bool ended_ = false;
};

}  // namespace temperature::http
