#include "doors/line_answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "http/problem.h"

namespace temperature::doors {
namespace {

constexpr int kUnavailable = 503;
constexpr std::string_view kRetryAtLimitSeconds = "60";  // somebody has to raise it

int status_of(ErrorCode code) {
  const ErrorTraits& row = traits(code);
  if (row.retry) return kUnavailable;
  return row.http_status == 0 ? 500 : row.http_status;
}

// InfluxDB 2's own words for a status.
std::string_view code_of(int status) {
  switch (status) {
    case 400:
    case 411:  // InfluxDB has no word of its own for it
      return "invalid";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not found";
    case 405:
      return "method not allowed";
    case 413:
      return "request too large";
    case 415:
      return "unsupported media type";
    case 422:
      return "unprocessable entity";
    case 429:
      return "too many requests";
    case kUnavailable:
      return "unavailable";
    default:
      return "internal error";
  }
}

void write_v1(http::Response& response, int status, std::string_view message) {
  response.clear();
  response.status = status;
  response.body = R"({"error":)";
  append_json_string(response.body, message);
  response.body += "}";
}

void write_v2(http::Response& response, int status, std::string_view message, std::uint64_t line) {
  response.clear();
  response.status = status;
  response.body = R"({"code":)";
  append_json_string(response.body, code_of(status));
  response.body += R"(,"message":)";
  append_json_string(response.body, message);
  if (line > 0) {
    response.body += R"(,"line":)";
    append_json_number(response.body, line);
  }
  response.body += "}";
}

void finish_error(http::Response& response, const Error& error) {
  http::add_retry_after(response, error.code);
  if (response.status == 401) {
    response.headers.emplace_back("WWW-Authenticate", R"(Basic realm="temperature-service")");
  }
}

}  // namespace

void write_error_v1(http::Response& response, const Error& error) {
  write_v1(response, status_of(error.code), error.detail);
  finish_error(response, error);
}

void write_error_v2(http::Response& response, const Error& error) {
  write_v2(response, status_of(error.code), error.detail, 0);
  finish_error(response, error);
}

void write_line_outcome(http::Response& response, Dialect dialect, const pipeline::WriteOutcome& outcome) {
  if (outcome.rejected == 0) {
    response.status = 204;
    return;
  }
  const ingest::Rejected& first = outcome.rejected_details.front();
  const std::uint64_t line = std::uint64_t{first.index} + 1;
  std::string message = fmt::format("partial write: line {}: {}: '{}'", line, first.error.detail, first.text);
  if (first.error.code == ErrorCode::timestamp_too_old) message += " (is the precision that of the timestamps?)";
  message += fmt::format(" dropped={}", outcome.rejected);
  const bool malformed = first.error.code == ErrorCode::malformed_line;
  int status = malformed || dialect == Dialect::v1 ? 400 : 422;
  if (outcome.rejected_for_now > 0) status = kUnavailable;
  if (dialect == Dialect::v1) {
    write_v1(response, status, message);
  } else {
    write_v2(response, status, message, line);
  }
  if (outcome.rejected_for_now > 0) response.headers.emplace_back("Retry-After", kRetryAtLimitSeconds);
}

std::string_view line_of(std::string_view body, std::uint32_t number) {
  for (; number > 0; --number) {
    const std::size_t newline = body.find('\n');
    if (newline == std::string_view::npos) return {};
    body.remove_prefix(newline + 1);
  }
  std::string_view line = body.substr(0, body.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace temperature::doors
