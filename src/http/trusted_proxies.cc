#include "http/trusted_proxies.h"

#include <fmt/format.h>

#include <algorithm>

namespace temperature::http {
namespace {

namespace ip = boost::asio::ip;

bool is_in(const ip::address_v6& address, const ip::network_v6& network) {
  return ip::make_network_v6(address, network.prefix_length()).canonical() == network;
}

bool is_in(const ip::address_v4& address, const ip::network_v4& network) {
  return ip::make_network_v4(address, network.prefix_length()).canonical() == network;
}

}  // namespace

ip::address plain_address(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  if (networks.size() > limits::kTrustedProxiesMax) {
    return failure(ErrorCode::usage,
                   fmt::format("--trusted-proxies may name {} networks at most", limits::kTrustedProxiesMax));
  }
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    boost::system::error_code error;
    if (const ip::address address = ip::make_address(text, error); !error) {
      const ip::address plain = plain_address(address);
      if (plain.is_v4()) {
        proxies.v4_.emplace_back(plain.to_v4(), 32);
      } else {
        proxies.v6_.emplace_back(plain.to_v6(), 128);
      }
      continue;
    }
    if (const auto v4 = ip::make_network_v4(text, error); !error) {
      proxies.v4_.push_back(v4.canonical());
      continue;
    }
    const auto v6 = ip::make_network_v6(text, error);
    if (error) {
      return failure(ErrorCode::usage,
                     fmt::format("--trusted-proxies must be addresses or networks with commas between, such as "
                                 "10.0.0.0/8,2001:db8::/32,192.0.2.7; \"{}\" is neither",
                                 text));
    }
    proxies.v6_.push_back(v6.canonical());
  }
  return proxies;
}

bool TrustedProxies::contains(const ip::address& address) const {
  const ip::address plain = plain_address(address);
  if (plain.is_v4()) {
    return std::ranges::any_of(v4_, [&](const ip::network_v4& network) { return is_in(plain.to_v4(), network); });
  }
  return std::ranges::any_of(v6_, [&](const ip::network_v6& network) { return is_in(plain.to_v6(), network); });
}

}  // namespace temperature::http
