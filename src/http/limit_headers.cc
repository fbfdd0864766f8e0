#include "http/limit_headers.h"

#include <fmt/format.h>

#include <cmath>

namespace temperature::http {

void add_limit_headers(Response& response, const access::Limited& limited) {
  const std::string_view name = limit_name(limited.kind);
  const double window_s = std::ceil(limited.rate.burst / limited.rate.per_second);
  response.headers.emplace_back("Retry-After", fmt::format("{}", limited.retry_after_s));
  response.headers.emplace_back("RateLimit-Policy",
                                fmt::format("\"{}\";q={:.0f};w={:.0f}", name, limited.rate.burst, window_s));
  response.headers.emplace_back("RateLimit",
                                fmt::format("\"{}\";r={};t={}", name, limited.remaining, limited.retry_after_s));
}

Error limit_error(const access::Limited& limited) {
  return {
      ErrorCode::rate_limited,
      fmt::format("the limit of the {} is reached: {:g} readings a second, {:g} at once; nothing of the request was "
                  "stored; send it again in {} s",
                  limit_name(limited.kind), limited.rate.per_second, limited.rate.burst, limited.retry_after_s)};
}

}  // namespace temperature::http
