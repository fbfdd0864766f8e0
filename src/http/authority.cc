#include "http/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "http/field_list.h"
#include "http/percent.h"

namespace temperature::http {
namespace {

constexpr std::string_view kLocalhost = "localhost";

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `reg-name`, of which an IPv4 address is one: unreserved characters, sub-delims and %XX.
bool is_name(std::string_view host) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=";
  for (std::size_t i = 0; i < host.size(); ++i) {
    if (is_letter_or_digit(host[i]) || kOthers.contains(host[i])) continue;
    if (host[i] != '%' || host.size() - i < 3 || hex_digit(host[i + 1]) < 0 || hex_digit(host[i + 2]) < 0) return false;
    i += 2;
  }
  return !host.empty();
}

// Reads an IP address; false: it is none of that family.
template <class Address>
bool read_address(int family, std::string_view text, Address& address) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return false;
  std::ranges::copy(text, terminated.begin());
  return inet_pton(family, terminated.data(), &address) == 1;
}

bool in_brackets(std::string_view host) {
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']');
}

std::string_view without_brackets(std::string_view host) {
  return host.substr(1, host.size() - 2);
}

std::string_view without_last_dot(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool read_port(std::string_view digits, std::optional<std::uint16_t>& port) {
  if (digits.empty()) return true;  // "example.org:" is one without a port
  std::uint16_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || stop != digits.data() + digits.size()) return false;
  port = number;
  return true;
}

}  // namespace

std::optional<Authority> read_authority(std::string_view text) {
  Authority authority;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t host_end =
      text.starts_with('[') ? std::min(bracket, text.size() - 1) + 1 : std::min(text.find(':'), text.size());
  authority.host = text.substr(0, host_end);
  in6_addr address{};
  const bool good = text.starts_with('[') ? in_brackets(authority.host) &&
                                                read_address(AF_INET6, without_brackets(authority.host), address)
                                          : is_name(authority.host);
  if (!good) return std::nullopt;
  const std::string_view rest = text.substr(host_end);
  if (!rest.empty() && (rest.front() != ':' || !read_port(rest.substr(1), authority.port))) return std::nullopt;
  return authority;
}

bool is_loopback_host(std::string_view host) {
  if (in_brackets(host)) {
    in6_addr address{};
    return read_address(AF_INET6, without_brackets(host), address) && IN6_IS_ADDR_LOOPBACK(&address);
  }
  host = without_last_dot(host);
  in_addr address{};
  if (read_address(AF_INET, host, address)) return ntohl(address.s_addr) >> 24U == 127;
  if (equal_without_case(host, kLocalhost)) return true;
  if (host.size() < kLocalhost.size() + 2) return false;  // a character and the dot before it, at least
  const std::size_t dot = host.size() - kLocalhost.size() - 1;
  return host[dot] == '.' && equal_without_case(host.substr(dot + 1), kLocalhost);
}

bool same_host(std::string_view one, std::string_view other) {
  in6_addr address{};
  in6_addr its_address{};
  if (in_brackets(one) && in_brackets(other) && read_address(AF_INET6, without_brackets(one), address) &&
      read_address(AF_INET6, without_brackets(other), its_address)) {
    return IN6_ARE_ADDR_EQUAL(&address, &its_address);
  }
  return equal_without_case(without_last_dot(one), without_last_dot(other));
}

std::optional<Origin> read_origin(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  Origin origin{.scheme = text.substr(0, scheme_end), .authority = {}};
  if (!is_token(origin.scheme)) return std::nullopt;
  const auto authority = read_authority(text.substr(scheme_end + 3));
  if (!authority) return std::nullopt;
  origin.authority = *authority;
  return origin;
}

std::uint16_t default_port(std::string_view scheme) {
  constexpr std::uint16_t kHttp = 80;
  constexpr std::uint16_t kHttps = 443;
  if (equal_without_case(scheme, "http")) return kHttp;
  return equal_without_case(scheme, "https") ? kHttps : 0;
}

}  // namespace temperature::http
