#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::http {
namespace {

using State = ProxyHeader::State;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string binary(unsigned char version_command, unsigned char family, const std::string& rest) {
  std::string header = kSignature;
  header.push_back(static_cast<char>(version_command));
  header.push_back(static_cast<char>(family));
  header.push_back(static_cast<char>(rest.size() / 256));
  header.push_back(static_cast<char>(rest.size() % 256));
  return header + rest;
}

const std::string kFrom4("\xC0\x00\x02\x07", 4);  // 192.0.2.7
const std::string kTo4("\x7F\x00\x00\x01", 4);
const std::string kPorts("\x12\x67\x01\xBB", 4);
const std::string kFrom6("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07", 16);  // 2001:db8::7

std::string said(const std::string& bytes) {
  const ProxyHeader header = read_proxy_header(bytes);
  switch (header.state) {
    case State::absent:
      return "absent";
    case State::incomplete:
      return "incomplete";
    case State::broken:
      return "broken";
    case State::whole:
      break;
  }
  return (header.client ? header.client->to_string() : "itself") + " " + std::to_string(header.bytes);
}

TEST(ProxyProtocol, TheBinaryOneNamesTheClient) {
  EXPECT_EQ(said(binary(0x21, 0x11, kFrom4 + kTo4 + kPorts)), "192.0.2.7 28");
  EXPECT_EQ(said(binary(0x21, 0x21, kFrom6 + kFrom6 + kPorts)), "2001:db8::7 52");
  EXPECT_EQ(said(binary(0x21, 0x11, kFrom4 + kTo4 + kPorts + std::string("\x04\0\x01x", 4)) + "GET / HTTP/1.1"),
            "192.0.2.7 32");  // with something besides, and the client's first bytes
  EXPECT_EQ(said(binary(0x20, 0x00, "")), "itself 16");
  EXPECT_EQ(said(binary(0x20, 0x11, kFrom4 + kTo4 + kPorts)), "itself 28");
  EXPECT_EQ(said(binary(0x21, 0x00, "")), "itself 16");
  EXPECT_EQ(said(binary(0x21, 0x31, std::string(216, 'u'))), "itself 232");
}

TEST(ProxyProtocol, TheTextNamesTheClient) {
  EXPECT_EQ(said("PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\nGET"), "192.0.2.7 41");
  EXPECT_EQ(said("PROXY TCP6 2001:db8::7 ::1 4711 443\r\n"), "2001:db8::7 37");
  EXPECT_EQ(said("PROXY UNKNOWN\r\n"), "itself 15");
  EXPECT_EQ(said("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), "itself 59");
}

TEST(ProxyProtocol, IsReadAsItArrives) {
  for (const std::string& header : {binary(0x21, 0x11, kFrom4 + kTo4 + kPorts), binary(0x20, 0, ""),
                                    std::string("PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n")}) {
    for (std::size_t arrived = 0; arrived < header.size(); ++arrived) {
      EXPECT_EQ(said(header.substr(0, arrived)), "incomplete") << arrived;
    }
  }
}

TEST(ProxyProtocol, OtherConnectionsBeginOtherwise) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n"), std::string("\x16\x03\x01", 3), std::string("\r\n\r\nGET"),
        std::string("PROXYX"), std::string("POST"), std::string("\r\n\r\n\0\r\nQUIX", 11)}) {
    EXPECT_EQ(said(bytes), "absent") << bytes;
  }
  EXPECT_EQ(said("P"), "incomplete");
  EXPECT_EQ(said("\r\n"), "incomplete");
}

TEST(ProxyProtocol, WhatIsNoneOfItIsBroken) {
  for (const std::string& bytes :
       {binary(0x11, 0x11, kFrom4 + kTo4 + kPorts), binary(0x22, 0x11, kFrom4 + kTo4 + kPorts),
        binary(0x21, 0x11, kFrom4 + kTo4), binary(0x21, 0x21, kFrom4 + kTo4 + kPorts),
        binary(0x21, 0x12, kFrom4 + kTo4 + kPorts), binary(0x21, 0x13, std::string(40, 'x')),
        binary(0x21, 0x11, std::string(limits::kProxyHeaderBytesMax, 'x')),
        std::string("PROXY TCP4 2001:db8::7 ::1 4711 443\r\n"), std::string("PROXY TCP6 192.0.2.7 ::1 1 2\r\n"),
        std::string("PROXY \r\n"), std::string("PROXY TCP4 x y 1 2\r\n"), "PROXY TCP4 " + std::string(200, '1')}) {
    EXPECT_EQ(said(bytes), "broken") << bytes;
  }
}

TEST(ProxyProtocol, MayBeAsLongAsItsBound) {
  const std::string more(limits::kProxyHeaderBytesMax - 28, '\0');
  EXPECT_EQ(said(binary(0x21, 0x11, kFrom4 + kTo4 + kPorts + more)), "192.0.2.7 4096");
  EXPECT_EQ(said(binary(0x21, 0x11, kFrom4 + kTo4 + kPorts + more + "x")), "broken");
}

}  // namespace
}  // namespace temperature::http
