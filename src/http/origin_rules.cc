#include "http/origin_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"
#include "http/authority.h"
#include "http/field_list.h"

namespace temperature::http {
namespace {

constexpr std::size_t kHeaderShownBytesMax = 128;  // of a header, in an error

bool is_own_host(std::string_view host, const OriginRules& rules) {
  const auto asked = read_authority(host);
  if (!asked) return false;
  const auto is_listed = [&asked](const std::string& own) {
    const auto listed = read_authority(own);
    return listed && same_host(listed->host, asked->host) && (!listed->port || listed->port == asked->port);
  };
  return is_loopback_host(asked->host) || std::ranges::any_of(rules.hosts, is_listed);
}

bool is_listed_origin(const Origin& origin, const OriginRules& rules) {
  const std::uint16_t standard = default_port(origin.scheme);
  return standard != 0 && std::ranges::any_of(rules.hosts, [&](const std::string& own) {
           const auto listed = read_authority(own);
           return listed && same_host(listed->host, origin.authority.host) &&
                  listed->port.value_or(standard) == origin.authority.port.value_or(standard);
         });
}

// Whether the origin is that of the request itself. Where a proxy ended the TLS, the scheme is another one, and only a
// browser that says so knows that it is the same origin.
bool is_origin_of(const Request& request, const Origin& origin, bool encrypted) {
  const std::uint16_t standard = default_port(origin.scheme);
  const auto asked = read_authority(request.host);
  if (standard == 0 || !asked) return false;
  const bool same_scheme = equal_without_case(origin.scheme, encrypted ? "https" : "http");
  return (same_scheme || request.fetch_site == "same-origin") && same_host(asked->host, origin.authority.host) &&
         asked->port.value_or(standard) == origin.authority.port.value_or(standard);
}

// A link that somebody follows: its page learns nothing of the answer.
bool follows_link_to_documentation(const Request& request, const Route* route) {
  return route != nullptr && route->need == access::Need::docs && request.method == Method::get &&
         request.origin.empty() && request.fetch_mode == "navigate" && request.fetch_destination == "document";
}

// Browsers keep it, and add it to every request to the address.
bool is_added_by_browsers(std::string_view authorization) {
  return equal_without_case(authorization.substr(0, authorization.find(' ')), "basic");
}

// Without parameters.
std::string_view media_type(std::string_view content_type) {
  return trim_blanks(content_type.substr(0, content_type.find(';')));
}

bool is_json(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  return equal_without_case(type, "application/json") ||
         (type.size() > kSuffix.size() && equal_without_case(type.substr(type.size() - kSuffix.size()), kSuffix));
}

// The types for which no browser asks before it sends (Fetch, "CORS-safelisted request-header"), and none.
bool is_sent_unasked(std::string_view type) {
  constexpr std::array<std::string_view, 3> kTypes{"text/plain", "application/x-www-form-urlencoded",
                                                   "multipart/form-data"};
  return type.empty() || std::ranges::any_of(kTypes, [type](auto each) { return equal_without_case(each, type); });
}

bool is_as_meant(Content content, std::string_view content_type) {
  switch (content) {
    case Content::json:
      return is_json(media_type(content_type));
    case Content::json_unless_said:
      return !is_sent_unasked(media_type(content_type));
    case Content::any:
      break;
  }
  return true;
}

// Origins are compared as browsers send them (RFC 6454, section 6.2): the case of the host counts for nothing, and a
// port that is the scheme's is none.
bool is_same_origin(const Origin& one, const Origin& other) {
  const std::uint16_t standard = default_port(one.scheme);
  return equal_without_case(one.scheme, other.scheme) && same_host(one.authority.host, other.authority.host) &&
         one.authority.port.value_or(standard) == other.authority.port.value_or(standard);
}

bool is_page_that_may_ask(const Request& request, const OriginRules& rules) {
  if (request.origin.empty() || rules.pages.empty()) return false;
  const auto origin = read_origin(request.origin);
  return origin && std::ranges::any_of(rules.pages, [&](const std::string& page) {
           const auto listed = read_origin(page);
           return listed && is_same_origin(*listed, *origin);
         });
}

std::unexpected<Error> foreign_page(const Request& request, const OriginRules& rules) {
  const std::string_view from = request.origin.empty() ? request.fetch_site : request.origin;
  return failure(
      ErrorCode::forbidden_origin,
      fmt::format("a web page of another origin ({}) sent this: {}", utf8_prefix(from, kHeaderShownBytesMax),
                  rules.local ? "under --dev nothing but the service's own pages may; --host NAME adds a name of it"
                              : "Basic does not authorise it, for browsers add that by themselves; send Bearer"));
}

}  // namespace

bool is_from_foreign_page(const Request& request, const OriginRules& rules, bool encrypted) {
  if (is_page_that_may_ask(request, rules)) return false;
  if (request.fetch_site == "cross-site") return true;
  if (request.origin.empty()) return request.fetch_site == "same-site";  // another port or name of this machine
  const auto origin = read_origin(request.origin);
  return !origin || !(is_origin_of(request, *origin, encrypted) || is_listed_origin(*origin, rules));
}

void add_cors_headers(const Request& request, const OriginRules& rules, Response& response) {
  if (!rules.any_page) response.headers.emplace_back("Vary", "Origin");
  if (request.origin.empty() || (!rules.any_page && !is_page_that_may_ask(request, rules))) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", rules.any_page ? "*" : request.origin);
  response.headers.emplace_back(
      "Access-Control-Expose-Headers",
      "ETag, RateLimit, RateLimit-Policy, Retry-After, Temperature-Position, WWW-Authenticate, "
      "traceresponse");
  if (request.method != Method::options) return;
  const auto allow = std::ranges::find(response.headers, "Allow", [](const auto& header) { return header.first; });
  if (allow != response.headers.end()) {
    std::string methods = allow->second;  // a copy: what is added may move it
    response.headers.emplace_back("Access-Control-Allow-Methods", std::move(methods));
  }
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "Accept, Authorization, Content-Encoding, Content-Type, If-None-Match, traceparent, "
                                "tracestate");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
}

Result<void> check_origin(const Request& request, const OriginRules& rules, const Route* route, bool encrypted) {
  if (rules.local && !request.host.empty() && !is_own_host(request.host, rules)) {
    return failure(ErrorCode::forbidden_host,
                   fmt::format("under --dev the service answers as this machine alone (localhost, 127.0.0.1), not as "
                               "\"{}\"; --host NAME adds a name of it",
                               utf8_prefix(request.host, kHeaderShownBytesMax)));
  }
  if (request.origin.empty() && request.fetch_site.empty()) return {};  // no page sent it
  if (!rules.local && !is_added_by_browsers(request.authorization)) return {};
  if (is_from_foreign_page(request, rules, encrypted) && !follows_link_to_documentation(request, route)) {
    return foreign_page(request, rules);
  }
  if (rules.local && route != nullptr && !is_as_meant(route->content, request.content_type)) {
    return failure(ErrorCode::unsupported_media_type,
                   "what a web page sends here is to be JSON and say so: Content-Type: application/json");
  }
  return {};
}

}  // namespace temperature::http
