#pragma once

#include <span>
#include <string_view>

namespace temperature::web {

// A file that the binary carries and serves: the page of rooms, the OpenAPI document, the docs page, and what these
// need.
struct Asset {
  std::string_view path;          // where it is served: "/", "/docs", "/docs/swagger-ui.css"
  std::string_view content_type;  // with its charset
  std::string_view bytes;
  std::string_view gzip_bytes;  // the same, compressed; empty where that would save nothing
  std::string_view etag;        // quoted and weak: one for both encodings (RFC 9110, section 8.8.3)
};

// All of them, each path once. Lifetime: static.
std::span<const Asset> assets();

}  // namespace temperature::web
