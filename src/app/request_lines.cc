#include "app/request_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "access/api_key.h"
#include "base/utf8.h"
#include "http/router.h"

namespace temperature::app {
namespace {

using telemetry::LogValue;

constexpr std::string_view kLeftOut = "***";
// How a JWT begins: {" in base64url.
constexpr std::string_view kTokenBegin = "eyJ";

telemetry::LogLevel level_of(int status) {
  if (status >= http::kFirstFailure) return telemetry::LogLevel::error;
  return status >= http::kFirstError ? telemetry::LogLevel::warning : telemetry::LogLevel::info;
}

// Codes of what passes by itself, or by what an operator does that the log asks for elsewhere.
bool passes(std::string_view code) {
  static constexpr std::array kPassing{ErrorCode::recovering,  ErrorCode::shutting_down, ErrorCode::overloaded,
                                       ErrorCode::disk_full,   ErrorCode::clock_not_set, ErrorCode::data_folder_lost,
                                       ErrorCode::rate_limited};
  return std::ranges::any_of(kPassing, [code](ErrorCode passing) { return traits(passing).code == code; });
}

bool is_secret(std::string_view part) {
  return part.contains(access::ApiKeyText::kPrefix) || part.contains(kTokenBegin);
}

}  // namespace

std::string logged_path(const http::AnsweredRequest& answered) {
  if (!answered.route.empty() && !answered.route.ends_with('}')) return {};
  std::string path;
  std::string_view rest = answered.request.path;
  while (!rest.empty() && path.size() < limits::kLoggedPathBytesMax) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    path += is_secret(part) ? kLeftOut : part;
    if (end < rest.size()) path.push_back('/');
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::string(utf8_prefix(path, limits::kLoggedPathBytesMax));
}

void RequestLines::failed(const http::AnsweredRequest& answered) {
  const bool cut = answered.status < http::kFirstFailure;
  const auto level = passes(answered.error_code) ? telemetry::LogLevel::warning : telemetry::LogLevel::error;
  log_.event(level, cut ? "an answer was cut short" : "a request failed", answered.error_code,
             {{"code", answered.error_code},
              {"detail", answered.error_detail},
              {"http.method", method_name(answered.request.method)},
              {"http.route", LogValue::if_any(answered.route)},
              {"http.status_code", static_cast<std::uint64_t>(answered.status)}},
             answered.request.trace);
}

void RequestLines::handshake_failed(std::string_view remote_address, std::string_view reason) {
  log_.event(telemetry::LogLevel::warning, "a client could not connect by TLS", reason,
             {{"reason", reason}, {"network.client.ip", remote_address}});
}

bool RequestLines::wants(int status) {
  if (status >= http::kFirstError) return true;
  return sampling_ > 0 && successes_.fetch_add(1, std::memory_order_relaxed) % sampling_ == 0;
}

void RequestLines::answered(const http::AnsweredRequest& answered) {
  const std::string path = logged_path(answered);
  const std::string_view method = method_name(answered.request.method);
  const std::string_view where = path.empty() ? answered.route : std::string_view(path);
  log_.access(level_of(answered.status),
              fmt::format("{} {} {}{}", method, where, answered.status, answered.whole ? "" : ", not to its end"),
              {{"http.method", method},
               {"http.route", LogValue::if_any(answered.route)},
               {"http.url_details.path", LogValue::if_any(path)},
               {"http.status_code", static_cast<std::uint64_t>(answered.status)},
               {"code", LogValue::if_any(answered.error_code)},
               {"duration_seconds", answered.duration},
               {"network.bytes_read", answered.received_bytes},
               {"network.bytes_written", answered.sent_bytes},
               {"network.client.ip", answered.request.remote_address},
               {"sender", LogValue::if_any(answered.request.sender)}},
              answered.request.trace);
}

}  // namespace temperature::app
