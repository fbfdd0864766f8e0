#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/trace_context.h"
#include "http/authority.h"
#include "http/compression.h"
#include "http/forwarded.h"
#include "http/inflate.h"
#include "http/proxy_protocol.h"
#include "http/query.h"
#include "http/request_parser.h"

// Any bytes as a connection's input. However they are cut into pieces, and whichever way the body is
// read, the requests are the same; a request that is whole is within the bounds.
namespace {

using temperature::http::Request;
using temperature::http::RequestParser;

constexpr std::size_t kRequestsMax = 8;
constexpr std::size_t kInflatedMax = 1 << 16;

void note(const Request& request, std::string& requests) {
  for (const std::string* field :
       {&request.path, &request.query, &request.content_type, &request.authorization, &request.host, &request.origin,
        &request.fetch_site, &request.forwarded, &request.forwarded_for, &request.forwarded_proto, &request.traceparent,
        &request.body}) {
    requests += *field;
    requests.push_back('\0');
  }
  // What is handed on of a caller's trace is what was read.
  if (const auto ids = temperature::read_traceparent(request.traceparent)) {
    const std::string handed_on = temperature::traceparent_text(*ids);
    CHECK(temperature::read_traceparent(handed_on) == ids);
    CHECK(request.traceparent.substr(2, 51) == handed_on.substr(2, 51));
  }
  CHECK(request.encoded_slash == std::string::npos || request.path.at(request.encoded_slash) == '/');
  CHECK(request.host.empty() || temperature::http::read_authority(request.host));
  CHECK(request.body.size() <= temperature::limits::kBodyBytesMax);
  CHECK(request.path.size() + request.query.size() <= temperature::limits::kHeaderBytesMax);
}

// Feeds the bytes in pieces of `piece`; `direct`: the body goes straight into its space, as sessions do.
// Returns each request's fields. (Whether a broken head is refused at once or only when it ends may differ.)
std::string read(std::string_view bytes, std::size_t piece, bool direct) {
  std::string found;
  Request request;
  RequestParser parser(request);
  std::size_t shown = std::min(piece, bytes.size());
  std::string_view rest = bytes.substr(0, shown);
  for (std::size_t requests = 0; requests < kRequestsMax;) {
    const std::size_t before = rest.size();
    const auto stage = parser.parse(rest);
    if (!stage) return found;
    if (*stage == RequestParser::Stage::done) {
      note(request, found);
      parser.start();
      ++requests;
      continue;
    }
    if (*stage == RequestParser::Stage::body && rest.size() < before) continue;
    if (shown == bytes.size()) return found;
    if (direct && *stage == RequestParser::Stage::body && rest.empty()) {
      const auto space = parser.body_space();
      const std::size_t count = std::min({space.size(), piece, bytes.size() - shown});
      if (count > 0) {
        std::copy_n(bytes.data() + shown, count, space.data());
        shown += count;
        rest = bytes.substr(shown, 0);
        parser.received(count);
        continue;
      }
    }
    const std::size_t kept = rest.size();
    const std::size_t more = std::min(piece, bytes.size() - shown);
    rest = bytes.substr(shown - kept, kept + more);
    shown += more;
  }
  return found;
}

// A header of a proxy is the same however it arrives.
void read_proxy_header_of(std::string_view bytes) {
  using temperature::http::ProxyHeader;
  const ProxyHeader whole = temperature::http::read_proxy_header(bytes);
  if (whole.state != ProxyHeader::State::whole) return;
  CHECK(whole.bytes <= bytes.size() && whole.bytes <= temperature::limits::kProxyHeaderBytesMax);
  CHECK(temperature::http::read_proxy_header(bytes.substr(0, whole.bytes)).client == whole.client);
  CHECK(temperature::http::read_proxy_header(bytes.substr(0, whole.bytes - 1)).state == ProxyHeader::State::incomplete);
}

// Who does not go through a trusted proxy is never taken for somebody else.
void read_forwarded(std::string_view bytes) {
  const auto peer = boost::asio::ip::make_address("192.0.2.7");
  const auto proxies = temperature::http::TrustedProxies::parse({"192.0.2.0/24", "2001:db8::/32"});
  const temperature::http::ForwardedFields lists[] = {
      {.forwarded = bytes, .forwarded_for = {}, .forwarded_proto = {}},
      {.forwarded = {}, .forwarded_for = bytes, .forwarded_proto = bytes}};
  for (const auto& fields : lists) {
    static_cast<void>(temperature::http::forwarded_client(fields, peer, *proxies));
  }
  const std::string appended = std::string(bytes) + ", 198.51.100.9";
  const auto client = temperature::http::forwarded_client(
      {.forwarded = {}, .forwarded_for = appended, .forwarded_proto = {}}, peer, *proxies);
  CHECK(client && client->address.to_string() == "198.51.100.9");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read(bytes, size == 0 ? 1 : size, false);
  CHECK(read(bytes, 1, false) == whole);
  CHECK(read(bytes, 7, true) == whole);

  read_proxy_header_of(bytes);
  read_forwarded(bytes);
  static_cast<void>(temperature::http::asks_for_gzip(bytes));

  if (const auto query = temperature::http::Query::parse(bytes)) {
    static_cast<void>(query->moment("at", temperature::timestamp_from_ms(1'769'860'800'000)));
    static_cast<void>(query->required_name("room"));
  }
  static_cast<void>(temperature::http::is_gzip(bytes));
  std::string inflated;
  if (temperature::http::inflate_gzip(bytes, kInflatedMax, inflated)) CHECK(inflated.size() <= kInflatedMax);
  return 0;
}
