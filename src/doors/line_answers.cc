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

// InfluxDB 3 tells of each line what was wrong with it. `lines`: nullptr when it is not about lines.
void write_v3(http::Response& response, int status, std::string_view message,
              const std::vector<ingest::Rejected>* lines) {
  response.clear();
  response.status = status;
  std::string& out = response.body;
  out = R"({"error":)";
  append_json_string(out, message);
  out += R"(,"data":)";
  if (lines == nullptr) {
    out += "null}";
    return;
  }
  append_json_array(out, *lines, [&out](const ingest::Rejected& rejected) {
    out += R"({"original_line":)";
    append_json_string(out, rejected.text);
    out += R"(,"line_number":)";
    append_json_number(out, std::uint64_t{rejected.index} + 1);
    out += R"(,"error_message":)";
    append_json_string(out, rejected.error.detail);
    out.push_back('}');
  });
  out.push_back('}');
}

void finish_error(http::Response& response, const Error& error) {
  http::note_error(response, error);
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

void write_error_v3(http::Response& response, const Error& error) {
  write_v3(response, status_of(error.code), error.detail, nullptr);
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
  int status = malformed || dialect != Dialect::v2 ? 400 : 422;
  if (outcome.rejected_for_now > 0) status = kUnavailable;
  if (dialect == Dialect::v1) {
    write_v1(response, status, message);
  } else if (dialect == Dialect::v2) {
    write_v2(response, status, message, line);
  } else {
    write_v3(response, status, message, &outcome.rejected_details);
  }
  if (outcome.rejected_for_now > 0) response.headers.emplace_back("Retry-After", kRetryAtLimitSeconds);
}

}  // namespace temperature::doors
