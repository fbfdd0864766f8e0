#include "http/trusted_proxies.h"

#include <gtest/gtest.h>

namespace temperature::http {
namespace {

using boost::asio::ip::make_address;

TrustedProxies proxies(const std::vector<std::string>& networks) {
  auto parsed = TrustedProxies::parse(networks);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return std::move(*parsed);
}

TEST(TrustedProxies, AreNetworksAndAddresses) {
  const TrustedProxies trusted = proxies({"10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "::1", "203.0.113.9/31"});
  for (const char* address : {"10.1.0.0", "10.1.255.255", "192.0.2.7", "2001:db8::1", "2001:db8:ffff::", "::1",
                              "203.0.113.8", "203.0.113.9", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(trusted.contains(make_address(address))) << address;
  }
  for (const char* address :
       {"10.0.255.255", "10.2.0.0", "192.0.2.8", "2001:db9::", "::2", "203.0.113.10", "::ffff:10.2.0.0", "127.0.0.1"}) {
    EXPECT_FALSE(trusted.contains(make_address(address))) << address;
  }
}

TEST(TrustedProxies, CanBeAllOrNone) {
  EXPECT_TRUE(TrustedProxies().empty());
  EXPECT_FALSE(TrustedProxies().contains(make_address("127.0.0.1")));
  EXPECT_TRUE(proxies({"0.0.0.0/0"}).contains(make_address("198.51.100.1")));
  EXPECT_FALSE(proxies({"0.0.0.0/0"}).contains(make_address("2001:db8::1")));
  EXPECT_TRUE(proxies({"::/0"}).contains(make_address("2001:db8::1")));
  EXPECT_TRUE(proxies({"::ffff:192.0.2.7"}).contains(make_address("192.0.2.7")));
}

TEST(TrustedProxies, AreNothingElse) {
  for (const char* text : {"proxy.example", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.1-10.0.0.9", "10.0.0.0/", "/8",
                           "10.0.0.0/-1", "*"}) {
    const auto parsed = TrustedProxies::parse({text});
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().detail.find(text), std::string::npos) << parsed.error().detail;
  }
  EXPECT_TRUE(TrustedProxies::parse(std::vector<std::string>(limits::kTrustedProxiesMax, "::1")));
  EXPECT_FALSE(TrustedProxies::parse(std::vector<std::string>(limits::kTrustedProxiesMax + 1, "::1")));
}

}  // namespace
}  // namespace temperature::http
