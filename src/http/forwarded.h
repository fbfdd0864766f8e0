#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "http/trusted_proxies.h"

// What proxies add to a request about the one that they got: Forwarded (RFC 7239), or the older X-Forwarded-For and
// X-Forwarded-Proto. Each proxy appends to the list; what stands left of a trusted proxy's entry anybody may have
// written.
namespace temperature::http {

// The fields of one request, each one list of all such fields; empty: there is none.
struct ForwardedFields {
  std::string_view forwarded;
  std::string_view forwarded_for;
  std::string_view forwarded_proto;

  [[nodiscard]] bool empty() const { return forwarded.empty() && forwarded_for.empty() && forwarded_proto.empty(); }
};

// Who sent the request to the first of the trusted proxies, and how.
struct ForwardedClient {
  boost::asio::ip::address address;
  bool encrypted = false;  // a proxy said that it got it over https
};

// Reads the lists from their ends: `peer`, which is trusted, says who sent it to it; if that one is trusted, too, what
// it says counts, and so on. The first that is not trusted is the client. An entry that names no address ("unknown",
// "_hidden") ends it: then the proxy that wrote it stands for the client.
// Error malformed_request: Forwarded cannot be read; or both lists are there and name different clients, so that one of
// them comes from somebody else than the proxy.
Result<ForwardedClient> forwarded_client(const ForwardedFields& fields, const boost::asio::ip::address& peer,
                                         const TrustedProxies& proxies);

// An address as proxies write it: "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711". nullopt: none.
std::optional<boost::asio::ip::address> read_node(std::string_view text);

}  // namespace temperature::http
