#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace temperature::config {

// Where the service listens.
struct ListenAddress {
  std::string address;     // IPv4, or IPv6 without brackets
  std::uint16_t port = 0;  // 0: a free one
};

// "127.0.0.1:8000", "[::1]:8000", "localhost:8000". Error usage: names --listen and what it must be.
Result<ListenAddress> parse_listen_address(const std::string& text);

// Whether the address can be reached from this machine alone.
bool is_loopback(const std::string& address);

// Whether it stands for every address of the machine: 0.0.0.0, ::.
bool is_unspecified(const std::string& address);

// The address to ask on this machine for the service that was started with this --listen and, or without, TLS:
// "http://127.0.0.1:8000" for 0.0.0.0:8000. Error usage: as parse_listen_address(), or port 0, which names none.
Result<std::string> url_on_this_machine(const std::string& listen, bool tls);

}  // namespace temperature::config
