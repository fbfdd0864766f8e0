#include "http/forwarded.h"

#include <algorithm>
#include <string>
#include <vector>

#include "http/field_list.h"

namespace temperature::http {
namespace {

namespace ip = boost::asio::ip;

// One proxy's entry.
struct Hop {
  std::string node;
  std::string proto;
  bool there = false;  // an empty element of a list is none
};

std::unexpected<Error> unreadable() {
  return failure(ErrorCode::malformed_request, "the Forwarded header, which a trusted proxy sent, cannot be read");
}

// Reads `token / quoted-string` (RFC 9110, section 5.6) off the front of `rest`; nullopt: neither stands there.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const std::string_view token = rest.substr(0, rest.find_first_of(",; \t"));
    if (!is_token(token)) return std::nullopt;
    rest.remove_prefix(token.size());
    return std::string(token);
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\\') ++i;
    if (i < rest.size()) value.push_back(rest[i]);
  }
  return std::nullopt;
}

void skip_blanks(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

// RFC 7239, section 4: `1#( [ pair ] *( ";" [ pair ] ) )`.
Result<std::vector<Hop>> read_forwarded(std::string_view rest) {
  std::vector<Hop> hops(1);
  while (true) {
    skip_blanks(rest);
    if (!rest.empty() && rest.front() != ',' && rest.front() != ';') {
      const std::size_t equals = rest.find('=');
      if (equals == std::string_view::npos || !is_token(rest.substr(0, equals))) return unreadable();
      const std::string_view name = rest.substr(0, equals);
      rest.remove_prefix(equals + 1);
      auto value = take_value(rest);
      if (!value) return unreadable();
      hops.back().there = true;
      if (equal_without_case(name, "for")) hops.back().node = std::move(*value);
      if (equal_without_case(name, "proto")) hops.back().proto = std::move(*value);
      skip_blanks(rest);
    }
    if (rest.empty()) return hops;
    if (rest.front() == ',') hops.emplace_back();
    if (rest.front() != ',' && rest.front() != ';') return unreadable();
    rest.remove_prefix(1);
  }
}

std::vector<Hop> read_list(std::string_view nodes) {
  std::vector<Hop> hops;
  do {
    const std::string_view node = take_element(nodes);
    hops.push_back({std::string(node), {}, !node.empty()});
  } while (nodes.data() != nullptr);
  return hops;
}

// Which of the hops is the client's; the address as it is when none names another one.
ForwardedClient client_of(const std::vector<Hop>& hops, const ip::address& peer, const TrustedProxies& proxies) {
  ForwardedClient client{peer, false};
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    if (!hop->there) continue;
    client.encrypted = equal_without_case(hop->proto, "https");
    const auto node = read_node(hop->node);
    if (!node) break;
    client.address = plain_address(*node);
    if (!proxies.contains(client.address)) break;
  }
  return client;
}

}  // namespace

std::optional<ip::address> read_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    text = text.substr(0, colon);  // with one colon it is that of a port: an IPv6 address has two at least
  }
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error || (address.is_v6() && address.to_v6().scope_id() != 0)) return std::nullopt;
  return address;
}

Result<ForwardedClient> forwarded_client(const ForwardedFields& fields, const ip::address& peer,
                                         const TrustedProxies& proxies) {
  ForwardedClient client{plain_address(peer), false};
  if (!fields.forwarded_for.empty()) client = client_of(read_list(fields.forwarded_for), client.address, proxies);
  if (!fields.forwarded.empty()) {
    const auto hops = read_forwarded(fields.forwarded);
    if (!hops) return std::unexpected(hops.error());
    const ForwardedClient named = client_of(*hops, plain_address(peer), proxies);
    if (!fields.forwarded_for.empty() && named.address != client.address) {
      return failure(ErrorCode::malformed_request,
                     "Forwarded and X-Forwarded-For name different clients: the proxy writes one of them and has to "
                     "leave out the other one");
    }
    client = named;
  }
  if (!fields.forwarded_proto.empty()) {
    std::string_view rest = fields.forwarded_proto;
    std::string_view newest;
    do {
      newest = take_element(rest);
    } while (rest.data() != nullptr);
    client.encrypted = client.encrypted || equal_without_case(newest, "https");
  }
  return client;
}

}  // namespace temperature::http
