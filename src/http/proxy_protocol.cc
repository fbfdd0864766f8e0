#include "http/proxy_protocol.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace temperature::http {
namespace {

namespace ip = boost::asio::ip;
using State = ProxyHeader::State;

constexpr std::string_view kBinary("\r\n\r\n\0\r\nQUIT\n", 12);  // section 2.2
constexpr std::size_t kBinaryFixedBytes = 16;
constexpr std::string_view kText = "PROXY ";  // section 2.1
constexpr std::size_t kTextBytesMax = 107;    // with its line end
constexpr unsigned char kVersion2 = 0x2;      // the upper half of the 13th byte
constexpr unsigned char kLocal = 0x0;         // the lower half: the proxy's own connection
constexpr unsigned char kProxied = 0x1;       // or somebody's
constexpr unsigned char kUnspecified = 0x00;  // family and transport
constexpr unsigned char kTcp4 = 0x11;
constexpr unsigned char kTcp6 = 0x21;
constexpr unsigned char kUnixStream = 0x31;
constexpr std::size_t kTcp4Bytes = 12;  // two addresses and two ports
constexpr std::size_t kTcp6Bytes = 36;

// Whether one is the beginning of the other: as far as both reach, they are the same.
bool begins_alike(std::string_view bytes, std::string_view signature) {
  const std::size_t both = std::min(bytes.size(), signature.size());
  return bytes.substr(0, both) == signature.substr(0, both);
}

ProxyHeader broken() {
  return {State::broken, 0, std::nullopt};
}

template <class Address>
Address address_at(std::string_view bytes) {
  typename Address::bytes_type number;
  std::memcpy(number.data(), bytes.data(), number.size());
  return Address(number);
}

ProxyHeader read_binary(std::string_view bytes) {
  if (bytes.size() < kBinaryFixedBytes) return {};
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const std::size_t rest = byte(14) * std::size_t{256} + byte(15);
  const unsigned char command = byte(12) & 0x0F;
  const unsigned char family = byte(13);
  if (byte(12) >> 4 != kVersion2 || (command != kLocal && command != kProxied)) return broken();
  if (kBinaryFixedBytes + rest > limits::kProxyHeaderBytesMax) return broken();
  if (bytes.size() < kBinaryFixedBytes + rest) return {};
  ProxyHeader header{State::whole, kBinaryFixedBytes + rest, std::nullopt};
  if (command == kLocal || family == kUnspecified || family == kUnixStream) return header;
  const std::string_view addresses = bytes.substr(kBinaryFixedBytes, rest);
  if (family == kTcp4 && rest >= kTcp4Bytes) {
    header.client = address_at<ip::address_v4>(addresses);
  } else if (family == kTcp6 && rest >= kTcp6Bytes) {
    header.client = address_at<ip::address_v6>(addresses);
  } else {
    return broken();
  }
  return header;
}

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

ProxyHeader read_text(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kTextBytesMax).find("\r\n");
  if (end == std::string_view::npos) return bytes.size() < kTextBytesMax ? ProxyHeader() : broken();
  ProxyHeader header{State::whole, end + 2, std::nullopt};
  std::string_view rest = bytes.substr(kText.size(), end - kText.size());
  const std::string_view family = take_word(rest);
  if (family == "UNKNOWN") return header;
  boost::system::error_code error;
  const ip::address client = ip::make_address(std::string(take_word(rest)), error);
  const bool right = !error && ((family == "TCP4" && client.is_v4()) || (family == "TCP6" && client.is_v6()));
  if (!right) return broken();
  header.client = client;
  return header;
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
  if (begins_alike(bytes, kBinary)) return bytes.size() < kBinary.size() ? ProxyHeader() : read_binary(bytes);
  if (begins_alike(bytes, kText)) return bytes.size() < kText.size() ? ProxyHeader() : read_text(bytes);
  return {State::absent, 0, std::nullopt};
}

}  // namespace temperature::http
