#include "http/forwarded.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::http {
namespace {

using boost::asio::ip::make_address;

// 10/8 are proxies; 10.0.0.1 is the one that is connected.
std::string client(const ForwardedFields& fields, const char* peer = "10.0.0.1") {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "2001:db8:a::/48"});
  const auto found = forwarded_client(fields, make_address(peer), *proxies);
  if (!found) return std::string(traits(found.error().code).code);
  return found->address.to_string() + (found->encrypted ? " encrypted" : "");
}

std::string of_list(std::string_view nodes) {
  return client({.forwarded = {}, .forwarded_for = nodes, .forwarded_proto = {}});
}

std::string of_forwarded(std::string_view text) {
  return client({.forwarded = text, .forwarded_for = {}, .forwarded_proto = {}});
}

TEST(ForwardedClient, IsTheProxyWhenItSaysNothing) {
  EXPECT_EQ(client({}), "10.0.0.1");
  EXPECT_EQ(client({}, "::ffff:10.0.0.1"), "10.0.0.1");
}

TEST(ForwardedClient, IsTheFirstFromTheEndThatIsNoProxy) {
  EXPECT_EQ(of_list("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(of_list("6.6.6.6, 192.0.2.7"), "192.0.2.7");  // what the client itself wrote counts for nothing
  EXPECT_EQ(of_list("6.6.6.6,192.0.2.7 , 10.9.9.9,10.8.8.8"), "192.0.2.7");
  EXPECT_EQ(of_list("10.3.3.3, 10.2.2.2"), "10.3.3.3");  // a proxy's own request
  EXPECT_EQ(of_list("6.6.6.6, , 192.0.2.7,"), "192.0.2.7");
  EXPECT_EQ(of_list("2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(of_list("192.0.2.7, 2001:db8:a::1"), "192.0.2.7");
  EXPECT_EQ(of_list("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST(ForwardedClient, MayHaveAPort) {
  EXPECT_EQ(of_list("192.0.2.7:4711"), "192.0.2.7");
  EXPECT_EQ(of_list("[2001:db8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(of_list("[2001:db8::7]"), "2001:db8::7");
}

TEST(ForwardedClient, WhoHidesIsTheProxyThatSaysSo) {
  for (const char* node :
       {"unknown", "_hidden", "192.0.2", "[2001:db8::7", "[::1]x", "fe80::1%eth0", "\"192.0.2.7\""}) {
    EXPECT_EQ(of_list(std::string("6.6.6.6, ") + node), "10.0.0.1") << node;
    EXPECT_EQ(of_list(std::string(node) + ", 10.5.5.5"), "10.5.5.5") << node;
  }
}

TEST(ForwardedClient, IsReadFromForwarded) {
  EXPECT_EQ(of_forwarded("for=192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(of_forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");  // RFC 7239, section 4
  EXPECT_EQ(of_forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(of_forwarded("for=192.0.2.43, for=198.51.100.17"), "198.51.100.17");
  EXPECT_EQ(of_forwarded("for=6.6.6.6 , for=\"192.0.2.7:80\";proto=HTTPS,for=10.2.2.2"), "192.0.2.7 encrypted");
  EXPECT_EQ(of_forwarded("for=192.0.2.7;proto=https, for=10.2.2.2;proto=http"), "192.0.2.7 encrypted");
  EXPECT_EQ(of_forwarded("for=192.0.2.7;proto=http, for=10.2.2.2;proto=https"), "192.0.2.7");
  EXPECT_EQ(of_forwarded("for=6.6.6.6, by=10.0.0.1"), "10.0.0.1");  // the proxy did not say for whom
  EXPECT_EQ(of_forwarded("for=6.6.6.6, for=unknown"), "10.0.0.1");
  EXPECT_EQ(of_forwarded("host=\"a,b;c\\\"d\";for=192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(of_forwarded("for=192.0.2.7;;,"), "192.0.2.7");
}

TEST(ForwardedClient, ForwardedThatCannotBeReadIsRefused) {
  for (const char* text : {"for", "for=", "for=\"192.0.2.7", "for=\"a\\", "=x", "for = 1.2.3.4", "for=[::1]",
                           "for=1.2.3.4 x", "for=\"1.2.3.4\"x", "for=\"6.6.6.6, for=192.0.2.7"}) {
    EXPECT_EQ(of_forwarded(text), "malformed_request") << text;
  }
}

TEST(ForwardedClient, BothListsHaveToNameTheSame) {
  EXPECT_EQ(client({.forwarded = "for=192.0.2.7", .forwarded_for = "192.0.2.7", .forwarded_proto = {}}), "192.0.2.7");
  EXPECT_EQ(client({.forwarded = "for=6.6.6.6", .forwarded_for = "192.0.2.7", .forwarded_proto = {}}),
            "malformed_request");
}

TEST(ForwardedClient, TheNewestProtoCounts) {
  const auto with = [](std::string_view proto) {
    return client({.forwarded = {}, .forwarded_for = "192.0.2.7", .forwarded_proto = proto});
  };
  EXPECT_EQ(with("https"), "192.0.2.7 encrypted");
  EXPECT_EQ(with("http, HTTPS"), "192.0.2.7 encrypted");
  EXPECT_EQ(with("https, http"), "192.0.2.7");
  EXPECT_EQ(with("httpsx"), "192.0.2.7");
}

}  // namespace
}  // namespace temperature::http
