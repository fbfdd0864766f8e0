#include "config/listen_address.h"

#include <gtest/gtest.h>

namespace temperature::config {
namespace {

std::string url(const std::string& listen, bool tls = false) {
  const auto found = url_on_this_machine(listen, tls);
  return found ? *found : "error: " + found.error().detail;
}

TEST(ListenAddress, EveryAddressIsAskedOnLoopback) {
  EXPECT_EQ(url("0.0.0.0:8000"), "http://127.0.0.1:8000");
  EXPECT_EQ(url("[::]:8000"), "http://[::1]:8000");
  EXPECT_EQ(url("0.0.0.0:8443", true), "https://127.0.0.1:8443");
}

TEST(ListenAddress, AnyOtherIsAskedWhereItIs) {
  EXPECT_EQ(url("127.0.0.1:8000"), "http://127.0.0.1:8000");
  EXPECT_EQ(url("localhost:80"), "http://127.0.0.1:80");
  EXPECT_EQ(url("[::1]:8000", true), "https://[::1]:8000");
  EXPECT_EQ(url("192.0.2.7:8000"), "http://192.0.2.7:8000");
}

TEST(ListenAddress, WhatNamesNoPortIsAnError) {
  EXPECT_EQ(url("0.0.0.0:0"),
            "error: \"0.0.0.0:0\" does not say at which port the service is; give its address by --url");
  for (const std::string text :
       {"", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "host.example:80", ":8000"}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
    EXPECT_NE(url(text).find("--listen must be ADDRESS:PORT"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace temperature::config
