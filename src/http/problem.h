#pragma once

#include "base/error.h"
#include "http/message.h"

namespace temperature::http {

// Writes an error as problem+json (RFC 9457) with its stable `code`, and Retry-After where the trouble may pass.
void write_problem(Response& response, const Error& error);

// Writes an error as the original service did: {"detail": "..."}.
void write_detail(Response& response, int status, std::string_view detail);

// The same of an error with that one's status and Retry-After.
void write_detail(Response& response, const Error& error);

// Notes which error the response tells of.
void note_error(Response& response, const Error& error);

// Adds Retry-After if this error is one to try again after.
void add_retry_after(Response& response, ErrorCode code);

}  // namespace temperature::http
