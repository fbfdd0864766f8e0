#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace temperature::http {

struct HeadFacts {
  std::optional<std::uint64_t> content_length;  // absent: chunked, or a status that has no body
  bool chunked = false;
  bool keep_alive = true;
  bool encrypted = false;  // then the client is told to keep to it (RFC 6797)
  std::string_view date;   // IMF-fixdate (RFC 9110, section 5.6.7)
};

// Appends the status line and the headers of `response`, up to and with the empty line.
void append_head(std::string& out, const Response& response, const HeadFacts& facts);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::int64_t seconds_since_1970);

}  // namespace temperature::http
