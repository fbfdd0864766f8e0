#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

namespace temperature::limits {

// Networks in --trusted-proxies; with more the start is refused.
inline constexpr std::size_t kTrustedProxiesMax = 256;

}  // namespace temperature::limits

namespace temperature::http {

// The proxies that are believed when they say for whom they send: addresses and networks. A value.
class TrustedProxies {
 public:
  // "10.0.0.0/8", "2001:db8::/32", "192.0.2.7". Error usage: names the one that is neither an address nor a network.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks);

  [[nodiscard]] bool empty() const { return v4_.empty() && v6_.empty(); }
  // An IPv4 address in an IPv6 one (::ffff:192.0.2.7) is that IPv4 address.
  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

// An IPv4 address in an IPv6 one as itself, any other address as it is.
boost::asio::ip::address plain_address(const boost::asio::ip::address& address);

}  // namespace temperature::http
