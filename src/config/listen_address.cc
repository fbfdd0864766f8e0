#include "config/listen_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace temperature::config {
namespace {

boost::asio::ip::address address_of(const std::string& address, boost::system::error_code& wrong) {
  return boost::asio::ip::make_address(address, wrong);
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  ListenAddress listen{text.substr(0, std::min(colon, text.size()))};
  std::string& address = listen.address;
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  const char* begin = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, listen.port);
  boost::system::error_code wrong;
  address_of(address, wrong);
  if (wrong || error != std::errc() || stop != end) {
    return failure(ErrorCode::usage,
                   fmt::format("--listen must be ADDRESS:PORT such as 127.0.0.1:8000 or [::1]:8000, not \"{}\"", text));
  }
  return listen;
}

bool is_loopback(const std::string& address) {
  boost::system::error_code wrong;
  const auto parsed = address_of(address, wrong);
  return !wrong && parsed.is_loopback();
}

bool is_unspecified(const std::string& address) {
  boost::system::error_code wrong;
  const auto parsed = address_of(address, wrong);
  return !wrong && parsed.is_unspecified();
}

Result<std::string> url_on_this_machine(const std::string& listen, bool tls) {
  auto parsed = parse_listen_address(listen);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  if (parsed->port == 0) {
    return failure(ErrorCode::usage,
                   fmt::format("\"{}\" does not say at which port the service is; give its address by --url", listen));
  }
  std::string& address = parsed->address;
  const bool v6 = address.find(':') != std::string::npos;
  if (is_unspecified(address)) address = v6 ? "::1" : "127.0.0.1";
  return fmt::format("{}://{}{}{}:{}", tls ? "https" : "http", v6 ? "[" : "", address, v6 ? "]" : "", parsed->port);
}

}  // namespace temperature::config
