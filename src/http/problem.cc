#include "http/problem.h"

#include "base/json_text.h"

namespace temperature::http {
namespace {

constexpr std::string_view kRetryAfterSeconds = "5";
constexpr std::string_view kRetrySoonSeconds = "1";

}  // namespace

void write_problem(Response& response, const Error& error) {
  const ErrorTraits& row = traits(error.code);
  response.clear();
  response.status = row.http_status == 0 ? 500 : row.http_status;
  response.content_type = "application/problem+json";
  std::string& out = response.body;
  out += R"({"type":"about:blank","title":)";
  append_json_string(out, row.title);
  out += R"(,"status":)";
  append_json_number(out, static_cast<std::int64_t>(response.status));
  out += R"(,"detail":)";
  append_json_string(out, error.detail);
  out += R"(,"code":)";
  append_json_string(out, row.code);
  out += "}";
  note_error(response, error);
  add_retry_after(response, error.code);
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
}

void write_detail(Response& response, int status, std::string_view detail) {
  response.clear();
  response.status = status;
  response.body = R"({"detail":)";
  append_json_string(response.body, detail);
  response.body += "}";
}

void write_detail(Response& response, const Error& error) {
  write_detail(response, traits(error.code).http_status, error.detail);
  note_error(response, error);
  add_retry_after(response, error.code);
}

void note_error(Response& response, const Error& error) {
  response.error_code = traits(error.code).code;
  if (response.status >= kFirstFailure) response.error_detail = error.detail;
}

void add_retry_after(Response& response, ErrorCode code) {
  if (!traits(code).retry || code == ErrorCode::rate_limited) return;  // the server knows when a limit is over
  const bool soon = code == ErrorCode::recovering || code == ErrorCode::overloaded;
  response.headers.emplace_back("Retry-After", soon ? kRetrySoonSeconds : kRetryAfterSeconds);
}

}  // namespace temperature::http
