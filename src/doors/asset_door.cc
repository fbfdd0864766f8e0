#include "doors/asset_door.h"

namespace temperature::doors {
namespace {

// The docs page loads its own files and asks its own service: nothing else.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

}  // namespace

void AssetDoor::handle(http::Exchange& exchange) {
  http::Response& response = exchange.response;
  response.headers.emplace_back("ETag", asset_.etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.content_type = asset_.content_type;
  if (exchange.request.if_none_match == asset_.etag) {
    response.status = 304;
    return exchange.finish();
  }
  const bool gzip = !asset_.gzip_bytes.empty() && exchange.request.accept_encoding.find("gzip") != std::string::npos;
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? asset_.gzip_bytes : asset_.bytes;
  exchange.finish();
}

}  // namespace temperature::doors
