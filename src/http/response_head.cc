#include "http/response_head.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <ctime>

#include "base/json_text.h"

namespace temperature::http {
namespace {

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_json_number(out, static_cast<std::int64_t>(status));
  out += " ";
  if (status == 507) {
    out += "Insufficient Storage";
  } else {
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    out.append(reason.data(), reason.size());
  }
  out += "\r\n";
}

}  // namespace

void append_head(std::string& out, const Response& response, const HeadFacts& facts) {
  append_status_line(out, response.status);
  out += "Date: ";
  out += facts.date;
  if (facts.content_length) {
    out += "\r\nContent-Length: ";
    append_json_number(out, *facts.content_length);
  }
  if (facts.chunked) out += "\r\nTransfer-Encoding: chunked";
  const bool typed = !response.content_type.empty() && (facts.chunked || facts.content_length);
  if (typed) {
    out += "\r\nContent-Type: ";
    out += response.content_type;
  }
  if (!facts.keep_alive) out += "\r\nConnection: close";
  out += "\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n";
  if (facts.encrypted) out += "Strict-Transport-Security: max-age=31536000\r\n";
  bool cached = false;
  for (const auto& [name, value] : response.headers) {
    cached = cached || name == "Cache-Control";
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (!cached) out += "Cache-Control: no-store\r\n";
  out += "\r\n";
}

std::string http_date(std::int64_t seconds_since_1970) {
  // fmt's names of days and months are the English ones, whatever the locale.
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(seconds_since_1970)));
}

}  // namespace temperature::http
