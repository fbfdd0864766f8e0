#include "http/authority.h"

#include <gtest/gtest.h>

namespace temperature::http {
namespace {

TEST(Authority, IsAHostAndPerhapsAPort) {
  struct Row {
    std::string_view text;
    std::string_view host;
    std::optional<std::uint16_t> port;
  };
  const Row rows[] = {{"localhost", "localhost", std::nullopt},
                      {"localhost:8000", "localhost", 8000},
                      {"127.0.0.1:0", "127.0.0.1", 0},
                      {"[::1]", "[::1]", std::nullopt},
                      {"[2001:db8::1]:65535", "[2001:db8::1]", 65535},
                      {"a_b.example.", "a_b.example.", std::nullopt},
                      {"a%2Db", "a%2Db", std::nullopt},
                      {"a:", "a", std::nullopt}};
  for (const auto& [text, host, port] : rows) {
    const auto authority = read_authority(text);
    ASSERT_TRUE(authority) << text;
    EXPECT_EQ(authority->host, host);
    EXPECT_EQ(authority->port, port) << text;
  }
}

TEST(Authority, IsNothingElse) {
  for (const std::string_view text :
       {"",       ":80",     "a b",   "a/b",      "a?b",     "a#b",           "user@a",
        "a:b",    "a:80:80", "a:-1",  "a:+1",     "a:65536", "a:99999999999", "a\\b",
        "a\"",    "<a>",     "a\x80", "\xc3\xa9", "a%2",     "a%zz",          "[::1",
        "::1",    "[]",      "[:]",   "[::1]x",   "[::1]80", "[127.0.0.1]",   "[fe80::1%25eth0]",
        "[v1.a]", "[",       "]",     "a]",       "[::1]:",  "http://a"}) {
    const bool empty_port = text == "[::1]:";
    EXPECT_EQ(read_authority(text).has_value(), empty_port) << text;
  }
}

TEST(Authority, OfThisMachineIsKnown) {
  for (const std::string_view host : {"localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.LocalHost.",
                                      "127.0.0.1", "127.255.0.9", "[::1]", "[0:0:0:0:0:0:0:1]"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const std::string_view host :
       {"", ".", "localhost.example", "notlocalhost", ".localhost", "localhost..", "127.0.0.1.example", "127.1",
        "128.0.0.1", "0.0.0.0", "10.0.0.1", "[::]", "[::2]", "::1", "2130706433", "0x7f.0.0.1", "127.0.0.01"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Authority, OfTheSameHostIsKnown) {
  EXPECT_TRUE(same_host("Example.ORG", "example.org."));
  EXPECT_TRUE(same_host("[::1]", "[0::1]"));
  EXPECT_FALSE(same_host("example.org", "www.example.org"));
  EXPECT_FALSE(same_host("[::1]", "[::2]"));
  EXPECT_FALSE(same_host("[::1]", "localhost"));
}

TEST(Origin, IsASchemeAndAnAuthority) {
  const auto origin = read_origin("https://example.org:8443");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->scheme, "https");
  EXPECT_EQ(origin->authority.host, "example.org");
  EXPECT_EQ(origin->authority.port, 8443);
  for (const std::string_view text : {"", "null", "example.org", "file://", "://a", "http://", "http://a http://b",
                                      "http://a/", "http://a, http://b", "http:/a"}) {
    EXPECT_FALSE(read_origin(text)) << text;
  }
}

}  // namespace
}  // namespace temperature::http
