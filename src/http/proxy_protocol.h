#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace temperature::limits {

// Bytes of a PROXY header, with what it has besides addresses; a connection with a longer one is closed.
inline constexpr std::size_t kProxyHeaderBytesMax = 4'096;

}  // namespace temperature::limits

namespace temperature::http {

// What a proxy that passes on connections, not requests, sends first on each of them: for whom it is. HAProxy's PROXY
// protocol, versions 1 and 2 (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).
struct ProxyHeader {
  enum class State : std::uint8_t {
    absent,      // the connection begins with something else
    incomplete,  // more bytes are needed to tell
    whole,
    broken,  // it begins as one, and is none that can be understood
  };
  State state = State::incomplete;
  std::size_t bytes = 0;  // of a whole one; what follows is the client's
  // nullopt: the proxy speaks for itself (its health checks), or the client has no address of IP.
  std::optional<boost::asio::ip::address> client;
};

// `bytes`: all that has arrived of the connection so far.
ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace temperature::http
