#pragma once

#include "http/message.h"

namespace temperature::http {

// The ids of a request, for a line of the log that belongs to it: a part of the caller's trace when it has a valid
// `traceparent`, else of a new one. They are made when they are first asked for, and its answer tells them. Only who
// has the request may ask.
const TraceIds& trace_of(Request& request);

// Tells the caller: a header `traceresponse`, and the member `trace_id` of problem+json. Nothing when it did not send a
// valid `traceparent`, and `needed` is false, and nobody asked for the ids.
void tell_trace(Request& request, Response& response, bool needed);

}  // namespace temperature::http
