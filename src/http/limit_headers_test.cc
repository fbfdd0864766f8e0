#include "http/limit_headers.h"

#include <gtest/gtest.h>

#include <map>

namespace temperature::http {
namespace {

std::map<std::string_view, std::string> headers_of(const access::Limited& limited) {
  Response response;
  add_limit_headers(response, limited);
  return {response.headers.begin(), response.headers.end()};
}

TEST(LimitHeaders, AgreeWithEachOther) {
  using access::LimitKind;
  const auto headers = headers_of({.kind = LimitKind::sensor, .rate = {10, 600}, .remaining = 3, .retry_after_s = 7});
  EXPECT_EQ(headers.at("Retry-After"), "7");
  EXPECT_EQ(headers.at("RateLimit-Policy"), "\"sensor\";q=600;w=60");
  EXPECT_EQ(headers.at("RateLimit"), "\"sensor\";r=3;t=7");
}

TEST(LimitHeaders, AreWholeNumbers) {
  using access::LimitKind;
  const auto headers = headers_of({.kind = LimitKind::service, .rate = {0.3, 1}, .remaining = 0, .retry_after_s = 4});
  EXPECT_EQ(headers.at("RateLimit-Policy"), "\"service\";q=1;w=4");
}

TEST(LimitError, NamesTheLimit) {
  const Error error =
      limit_error({.kind = access::LimitKind::key, .rate = {2.5, 100}, .remaining = 0, .retry_after_s = 12});
  EXPECT_EQ(error.code, ErrorCode::rate_limited);
  for (const std::string_view part : {"limit of the key", "2.5 readings a second", "100 at once", "12 s"}) {
    EXPECT_NE(error.detail.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace temperature::http
