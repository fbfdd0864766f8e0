#include "doors/asset_door.h"

#include "http/compression.h"

namespace temperature::doors {
namespace {

// A page loads its own files and asks its own service: nothing else.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
// Swagger UI has pictures of its own in its style sheet.
constexpr std::string_view kDocsContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

// Whether one of the tags in If-None-Match is ours, compared weakly (RFC 9110, section 13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace

void AssetDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  response.headers.emplace_back("ETag", asset_.etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Content-Security-Policy",
                                asset_.path.starts_with("/docs") ? kDocsContentSecurityPolicy : kContentSecurityPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.content_type = asset_.content_type;
  if (matches(exchange.request.if_none_match, asset_.etag)) {
    response.status = 304;
    return exchange.finish();
  }
  const bool gzip = !asset_.gzip_bytes.empty() && http::asks_for_gzip(exchange.request.accept_encoding);
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? asset_.gzip_bytes : asset_.bytes;
  exchange.finish();
}

}  // namespace temperature::doors
