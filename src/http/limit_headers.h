#pragma once

#include "access/limit_policy.h"
#include "http/message.h"

namespace temperature::http {

// Adds Retry-After, RateLimit-Policy and RateLimit, which agree (draft-ietf-httpapi-ratelimit-headers-10).
void add_limit_headers(Response& response, const access::Limited& limited);

// What was reached, how fast one may go, and when to come again.
Error limit_error(const access::Limited& limited);

}  // namespace temperature::http
