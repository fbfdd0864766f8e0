#include "http/request_trace.h"

#include <fmt/format.h>

namespace temperature::http {
namespace {

constexpr std::string_view kProblem = "application/problem+json";

}  // namespace

const TraceIds& trace_of(Request& request) {
  if (!request.trace.known()) {
    const auto parent = read_traceparent(request.traceparent);
    request.trace = parent ? child_of(*parent) : new_trace();
  }
  return request.trace;
}

void tell_trace(Request& request, Response& response, bool needed) {
  if (!needed && !request.trace.known() && !read_traceparent(request.traceparent)) return;
  const TraceIds& ids = trace_of(request);
  response.headers.emplace_back("traceresponse", traceparent_text(ids));
  if (response.content_type == kProblem && response.body.ends_with('}')) {
    response.body.pop_back();
    response.body += fmt::format(R"(,"trace_id":"{}"}})", trace_id_text(ids));
  }
}

}  // namespace temperature::http
