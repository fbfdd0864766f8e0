#include <boost/asio/buffer.hpp>

#include <utility>

#include "http/forwarded.h"
#include "http/proxy_protocol.h"
#include "http/session.h"

// How a connection begins, and whose it is when a proxy is in between.
namespace temperature::http {

// Before anything else of the connection, TLS included.
void Session::read_proxy_header() {
  const auto space = boost::asio::buffer(input_.data() + input_end_, input_.size() - input_end_);
  stream_.socket().async_read_some(space, [self = shared_from_this()](ErrorCodeOfSystem error, std::size_t bytes) {
    if (self->phase_ == Phase::closed) return;
    if (error || self->timed_out_) return self->close();
    self->input_end_ += bytes;
    self->take_proxy_header();
  });
}

void Session::take_proxy_header() {
  const ProxyHeader header = http::read_proxy_header(unread());
  switch (header.state) {
    case ProxyHeader::State::incomplete:
      return read_proxy_header();
    case ProxyHeader::State::absent:
      return begin_reading();
    case ProxyHeader::State::broken:
      shared_.proxies.refused_broken.fetch_add(1, std::memory_order_relaxed);
      return close();
    case ProxyHeader::State::whole:
      break;
  }
  input_begin_ += header.bytes;
  if (header.client) {
    peer_ = plain_address(*header.client);
    peer_is_proxy_ = shared_.options.proxies.contains(peer_);
    request.remote_address = peer_.to_string();
    if (!peer_is_proxy_) {
      auto ticket = shared_.addresses.enter(peer_);
      if (!ticket) {
        shared_.proxies.refused_of_address.fetch_add(1, std::memory_order_relaxed);
        return close();
      }
      ticket_.emplace(std::move(ticket));
    }
  }
  begin_reading();
}

void Session::begin_reading() {
  if (!stream_.encrypted()) return unread().empty() ? read() : advance();
  if (unread().empty()) {
    stream_.async_handshake([self = shared_from_this()](ErrorCodeOfSystem error) { self->on_handshake(error, 0); });
    return;
  }
  stream_.async_handshake(
      boost::asio::buffer(unread()),
      [self = shared_from_this()](ErrorCodeOfSystem error, std::size_t bytes) { self->on_handshake(error, bytes); });
}

void Session::on_handshake(ErrorCodeOfSystem error, std::size_t bytes_taken) {
  if (phase_ == Phase::closed) return;
  if (error) tell_handshake(error);
  // A client that waits for nothing sends no more than the handshake's first message before the answer to that.
  if (error || bytes_taken != unread().size()) return close();
  input_begin_ = input_end_ = 0;
  read();
}

Result<void> Session::find_client() {
  if (!peer_is_proxy_) return {};
  const ForwardedFields fields{request.forwarded, request.forwarded_for, request.forwarded_proto};
  const auto client = forwarded_client(fields, peer_, shared_.options.proxies);
  if (!client) return std::unexpected(client.error());
  request.remote_address = client->address.to_string();
  proxy_encrypts_ = client->encrypted;
  return {};
}

}  // namespace temperature::http
