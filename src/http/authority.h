#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace temperature::http {

// A host and perhaps a port, as Host, Origin and the target of a request name them (RFC 3986, section 3.2). Views of
// the text that was read.
struct Authority {
  std::string_view host;              // a name, an IPv4 address, or an IPv6 address in its brackets; never empty
  std::optional<std::uint16_t> port;  // nullopt: that of the scheme
};

// Reads `uri-host [ ":" port ]`. nullopt: it is none, it is empty, or no port has that number. A user name is no part
// of it (RFC 9110, section 4.2.4).
std::optional<Authority> read_authority(std::string_view text);

// Whether the host can be this machine alone: localhost and what ends with .localhost (RFC 6761, section 6.3), an
// address of 127.0.0.0/8, or [::1].
bool is_loopback_host(std::string_view host);

// Whether both name the same host: the case of letters counts for nothing, nor does a dot at the end.
bool same_host(std::string_view one, std::string_view other);

// An origin as browsers send it: "https://example.org:8443" (RFC 6454, section 6.1).
struct Origin {
  std::string_view scheme;
  Authority authority;
};

// nullopt: "null", a list, or anything else that is no origin of a scheme with hosts.
std::optional<Origin> read_origin(std::string_view text);

// The port of http and https where none is named; 0: of another scheme.
std::uint16_t default_port(std::string_view scheme);

}  // namespace temperature::http
